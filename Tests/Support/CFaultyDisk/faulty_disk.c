#include "faulty_disk.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    sqlite3_file base;
    char path[1024];
    sqlite3_file *real;
} faulty_file;

static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;
static sqlite3_io_methods methods;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
    char folder[1024];
    enum faulty_disk_kind kind;
    long long at, writes, syncs, log_syncs, reads, syncs_after_error;
    int torn, has_failed, is_released;
} plan;

/// What a write or truncation since the file's last sync replaced: a machine that dies takes these back.
struct change {
    struct change *earlier;
    char path[1024];
    sqlite3_int64 offset, size_before;
    int count;
    unsigned char before[];
};
static struct change *unsynced;

static sqlite3_file *real_of(sqlite3_file *file) { return ((faulty_file *)file)->real; }

static int is_planned(sqlite3_file *file) {
    return plan.folder[0] != 0 && strncmp(((faulty_file *)file)->path, plan.folder, strlen(plan.folder)) == 0;
}

/// Notes what `count` bytes at `offset` are about to replace. Holds the lock.
static void note_change(sqlite3_file *file, sqlite3_int64 offset, sqlite3_int64 count) {
    struct change *change = calloc(1, sizeof *change + (size_t)count);
    if (!change) abort();
    sqlite3_file *real = real_of(file);
    strcpy(change->path, ((faulty_file *)file)->path);
    real->pMethods->xFileSize(real, &change->size_before);
    change->offset = offset;
    sqlite3_int64 there = change->size_before - offset;
    change->count = (int)(there < 0 ? 0 : there < count ? there : count);
    if (change->count > 0) real->pMethods->xRead(real, change->before, change->count, offset);
    change->earlier = unsynced;
    unsynced = change;
}

/// What a file holds is on the disk for good. Holds the lock.
static void forget_changes(const char *path) {
    struct change **place = &unsynced;
    while (*place) {
        struct change *change = *place;
        if (path && strcmp(change->path, path) != 0) {
            place = &change->earlier;
            continue;
        }
        *place = change->earlier;
        free(change);
    }
}

/// Takes back what was not synced, the last change first. Holds the lock.
static void drop_changes(void) {
    for (struct change *change = unsynced; change; change = change->earlier) {
        int descriptor = open(change->path, O_RDWR | O_CLOEXEC);
        if (descriptor < 0) continue;
        if (change->count > 0 && pwrite(descriptor, change->before, (size_t)change->count, change->offset) < 0) abort();
        if (ftruncate(descriptor, change->size_before) != 0) abort();
        close(descriptor);
    }
    forget_changes(NULL);
}

static int file_close(sqlite3_file *file) {
    sqlite3_file *real = real_of(file);
    int code = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
    free(real);
    return code;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&lock);
    int fails = 0;
    if (is_planned(file)) fails = plan.kind == faulty_disk_read_error && plan.reads++ >= plan.at;
    if (fails) plan.has_failed = 1;
    pthread_mutex_unlock(&lock);
    if (fails) return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    enum { whole, full, torn, dead } fate = whole;
    int kept = 0;
    sqlite3_file *real = real_of(file);
    pthread_mutex_lock(&lock);
    if (is_planned(file)) {
        long long number = plan.writes++;
        if (plan.kind == faulty_disk_full && number >= plan.at && !plan.is_released) fate = full;
        if (plan.kind == faulty_disk_death && number == plan.at) {
            fate = torn;
            kept = plan.torn < count ? plan.torn : count;
        }
        if (plan.kind == faulty_disk_death && number > plan.at) fate = dead;
        if (fate != whole) plan.has_failed = 1;
        if (plan.kind == faulty_disk_death && fate == whole) note_change(file, offset, count);
        if (fate == torn) drop_changes();
    }
    pthread_mutex_unlock(&lock);
    switch (fate) {
    case whole: return real->pMethods->xWrite(real, bytes, count, offset);
    case full: return SQLITE_FULL;
    case torn:
        if (kept > 0) real->pMethods->xWrite(real, bytes, kept, offset);
        return SQLITE_IOERR_WRITE;
    case dead: return SQLITE_IOERR_WRITE;
    }
    return SQLITE_IOERR_WRITE;
}

/// Whether the machine is dead: then nothing else reaches the disk either.
static int is_dead(sqlite3_file *file) {
    return is_planned(file) && plan.kind == faulty_disk_death && plan.has_failed;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    pthread_mutex_lock(&lock);
    int dead = is_dead(file);
    if (!dead && is_planned(file) && plan.kind == faulty_disk_death) {
        sqlite3_int64 before = 0;
        real_of(file)->pMethods->xFileSize(real_of(file), &before);
        note_change(file, size, before > size ? before - size : 0);
    }
    pthread_mutex_unlock(&lock);
    return dead ? SQLITE_IOERR_TRUNCATE : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
    pthread_mutex_lock(&lock);
    int fails = 0;
    if (is_planned(file)) {
        if (plan.kind == faulty_disk_sync_error && plan.has_failed) plan.syncs_after_error++;
        fails = (plan.kind == faulty_disk_sync_error && plan.syncs == plan.at) || is_dead(file);
        if (fails) plan.has_failed = 1;
        plan.syncs++;
        const char *path = ((faulty_file *)file)->path;
        size_t length = strlen(path);
        if (length > 4 && strcmp(path + length - 4, "-wal") == 0) plan.log_syncs++;
        if (!fails) forget_changes(path);
    }
    pthread_mutex_unlock(&lock);
    return fails ? SQLITE_IOERR_FSYNC : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int file_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int file_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int file_check_lock(sqlite3_file *file, int *held) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
static int file_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int file_device(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }
static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **bytes) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, bytes);
}
static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
static void shm_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int shm_unmap(sqlite3_file *file, int delete_flag) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_flag);
}

static int vfs_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    (void)self;
    faulty_file *faulty = (faulty_file *)file;
    memset(faulty, 0, sizeof *faulty);
    if (path) strncpy(faulty->path, path, sizeof faulty->path - 1);
    faulty->real = calloc(1, (size_t)real_vfs->szOsFile);
    if (!faulty->real) return SQLITE_NOMEM;
    int code = real_vfs->xOpen(real_vfs, path, faulty->real, flags, out_flags);
    if (code != SQLITE_OK) {
        free(faulty->real);
        return code;
    }
    faulty->base.pMethods = &methods;
    return SQLITE_OK;
}

int faulty_disk_install(void) {
    pthread_mutex_lock(&lock);
    int code = SQLITE_OK;
    if (!real_vfs) {
        sqlite3_initialize();
        real_vfs = sqlite3_vfs_find(NULL);
        vfs = *real_vfs;
        vfs.pNext = NULL;
        vfs.zName = "faulty-disk";
        vfs.szOsFile = sizeof(faulty_file);
        vfs.xOpen = vfs_open;
        methods = (sqlite3_io_methods){
            2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
            file_check_lock, file_control, file_sector, file_device, shm_map, shm_lock, shm_barrier, shm_unmap, NULL,
            NULL,
        };
        code = sqlite3_vfs_register(&vfs, 1);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

void faulty_disk_plan(const char *folder, enum faulty_disk_kind kind, long long at, int torn) {
    pthread_mutex_lock(&lock);
    memset(&plan, 0, sizeof plan);
    forget_changes(NULL);
    strncpy(plan.folder, folder, sizeof plan.folder - 1);
    plan.kind = kind;
    plan.at = at;
    plan.torn = torn;
    pthread_mutex_unlock(&lock);
}

void faulty_disk_release(void) {
    pthread_mutex_lock(&lock);
    plan.is_released = 1;
    pthread_mutex_unlock(&lock);
}

static long long read_counter(const long long *counter) {
    pthread_mutex_lock(&lock);
    long long value = *counter;
    pthread_mutex_unlock(&lock);
    return value;
}

long long faulty_disk_writes(void) { return read_counter(&plan.writes); }
long long faulty_disk_syncs(void) { return read_counter(&plan.syncs); }
long long faulty_disk_log_syncs(void) { return read_counter(&plan.log_syncs); }
long long faulty_disk_syncs_after_error(void) { return read_counter(&plan.syncs_after_error); }

int faulty_disk_has_failed(void) {
    pthread_mutex_lock(&lock);
    int value = plan.has_failed;
    pthread_mutex_unlock(&lock);
    return value;
}
