#include <zmq.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

// Among the drafts of 4.3.4's header, though the library of every build takes it.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/// What the kernel knows of a TCP connection, in milliseconds since it last heard of its peer.
struct scanward_link {
    int state;
    unsigned int since_acknowledgement;
    unsigned int since_data;
    /// Bytes that came and were not read yet.
    int unread;
    /// All bytes that came; 0 where the kernel (before 4.1) does not tell.
    unsigned long long received;
};

/// 0, or -1 where `descriptor` is no TCP connection (any more).
static inline int scanward_tcp_link(int descriptor, struct scanward_link *link) {
    // The kernel's tcp_info goes on behind the C library's: tcpi_bytes_received stands at byte 128 (linux/tcp.h).
    union {
        struct tcp_info info;
        unsigned char bytes[256];
    } told;
    enum { bytes_received = 128 };
    socklen_t size = sizeof told;
    memset(&told, 0, sizeof told);
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &told, &size) != 0) return -1;
    const struct tcp_info info = told.info;
    memcpy(&link->received, told.bytes + bytes_received, sizeof link->received);
    link->state = info.tcpi_state;
    link->since_acknowledgement = info.tcpi_last_ack_recv;
    link->since_data = info.tcpi_last_data_recv;
    link->unread = 0;
    ioctl(descriptor, FIONREAD, &link->unread);
    return 0;
}

static inline int scanward_is_established(int state) { return state == TCP_ESTABLISHED; }
