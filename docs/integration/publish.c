/* A scanner in C: publishes point files as parts, one file a part. libzmq and zlib, nothing else.

       cc -std=c11 -Wall -Wextra -Werror -O2 publish.c -o publish -lzmq -lz
       ./publish tcp://127.0.0.1:5600 scanner-a bracket mm part1.xyz part2.xyz

   A point file has "x y z" on each line. The unit is what its numbers are in: mm, m or um. Points go out as they lie in memory, which
   pcf/1 wants little-endian. */

#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#include <zmq.h>

#define POINTS_IN_FRAME 50000

struct point {
    float x, y, z;
};

struct scanner {
    void *socket;
    const char *source, *part_type, *unit;
    char session[17];
    uint64_t seq;
};

static void fail(const char *what, const char *why) {
    fprintf(stderr, "publish: %s: %s\n", what, why);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The points of a file; *count is how many. */
static struct point *read_points(const char *path, size_t *count) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path, "cannot be opened");
    size_t room = 0;
    struct point *points = NULL, p;
    int found;
    *count = 0;
    while ((found = fscanf(file, "%f %f %f", &p.x, &p.y, &p.z)) == 3) {
        if (*count == room) {
            room = room ? 2 * room : 4096;
            points = realloc(points, room * sizeof *points);
            if (!points) fail(path, "too large for the memory");
        }
        points[(*count)++] = p;
    }
    if (found != EOF) fail(path, "expected x y z on each line");
    fclose(file);
    return points;
}

/* The part's name: the file's, without folder and extension, and without what would need an escape in JSON. */
static void part_name(const char *path, char name[129]) {
    const char *slash = strrchr(path, '/');
    snprintf(name, 129, "%s", slash ? slash + 1 : path);
    char *dot = strrchr(name, '.');
    if (dot && dot != name) *dot = 0;
    for (char *c = name; *c; c++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *c)) *c = '_';
}

static void publish_frame(struct scanner *s, const char *part, uint32_t index, uint32_t total, const struct point *points,
                          uint32_t count) {
    char topic[80], header[2048];
    const size_t bytes = count * sizeof *points;
    const unsigned long crc = crc32(0, (const Bytef *)points, (uInt)bytes);
    int topic_length = snprintf(topic, sizeof topic, "pcf/1/%s", s->source);
    int length = snprintf(
        header, sizeof header,
        "{\"schema\":\"pcf/1\",\"source\":\"%s\",\"session\":\"%s\",\"seq\":%" PRIu64 ",\"part_id\":\"%s\",\"part_type\":\"%s\","
        "\"frame_index\":%" PRIu32 ",\"frames_total\":%" PRIu32 ",\"end_of_part\":%s,\"unit\":\"%s\","
        "\"t_capture_ns\":%" PRIu64 ",\"t_send_ns\":%" PRIu64 ",\"points\":%" PRIu32 ",\"point_step\":12,\"crc32\":%lu,"
        "\"fields\":[{\"name\":\"x\",\"offset\":0,\"dtype\":\"<f4\"},{\"name\":\"y\",\"offset\":4,\"dtype\":\"<f4\"},"
        "{\"name\":\"z\",\"offset\":8,\"dtype\":\"<f4\"}]}",
        s->source, s->session, s->seq++, part, s->part_type, index, total, index + 1 == total ? "true" : "false", s->unit,
        now_ns(), now_ns(), count, crc);
    if (topic_length >= (int)sizeof topic || length >= (int)sizeof header) fail(part, "its names are too long");
    /* zmq_send waits while the monitor holds the scanner back. */
    if (zmq_send(s->socket, topic, (size_t)topic_length, ZMQ_SNDMORE) < 0 ||
        zmq_send(s->socket, header, (size_t)length, ZMQ_SNDMORE) < 0 || zmq_send(s->socket, points, bytes, 0) < 0)
        fail(part, zmq_strerror(zmq_errno()));
}

static void publish_part(struct scanner *s, const char *path) {
    char name[129];
    size_t count;
    struct point *points = read_points(path, &count);
    const uint32_t total = count ? (uint32_t)((count + POINTS_IN_FRAME - 1) / POINTS_IN_FRAME) : 1;
    part_name(path, name);
    for (uint32_t index = 0; index < total; index++) {
        const size_t first = (size_t)index * POINTS_IN_FRAME, left = count - first;
        publish_frame(s, name, index, total, points + first, (uint32_t)(left < POINTS_IN_FRAME ? left : POINTS_IN_FRAME));
    }
    free(points);
    printf("%s: published\n", name);
}

int main(int argc, char **argv) {
    if (argc < 6) fail("arguments", "expected ENDPOINT SOURCE PART_TYPE UNIT FILE...");
    void *context = zmq_ctx_new();
    struct scanner s = {.socket = zmq_socket(context, ZMQ_PUSH), .source = argv[2], .part_type = argv[3], .unit = argv[4]};
    /* As the monitor: a scanner that is ahead waits, and does not fill its memory. */
    const int frames = 8;
    zmq_setsockopt(s.socket, ZMQ_SNDHWM, &frames, sizeof frames);
    if (zmq_connect(s.socket, argv[1]) != 0) fail(argv[1], zmq_strerror(zmq_errno()));
    /* Drawn anew at each start. */
    FILE *random = fopen("/dev/urandom", "rb");
    uint64_t session;
    if (!random || fread(&session, sizeof session, 1, random) != 1) fail("/dev/urandom", "cannot be read");
    fclose(random);
    snprintf(s.session, sizeof s.session, "%016" PRIx64, session);
    for (int i = 5; i < argc; i++) publish_part(&s, argv[i]);
    zmq_close(s.socket);
    zmq_ctx_term(context); /* waits until the monitor has everything */
    return 0;
}
