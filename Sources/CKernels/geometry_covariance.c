#include "geometry_covariance.h"

#include "geometry_dispatch.h"

typedef float float4 __attribute__((vector_size(16)));
typedef double double4 __attribute__((vector_size(32)));
// Sixteen matrices: two vectors of AVX-512, so that the one computes while the other waits for its square root.
typedef double double16 __attribute__((vector_size(128)));
typedef int64_t long16 __attribute__((vector_size(128)));

// MARK: - Covariance

/// Sums over four neighbours at a time.
typedef struct {
    double4 x, y, z, xx, xy, xz, yy, yz, zz;
} moments;

BODY void add_four(moments *m, double4 dx, double4 dy, double4 dz) {
    m->x += dx;
    m->y += dy;
    m->z += dz;
    m->xx += dx * dx;
    m->xy += dx * dy;
    m->xz += dx * dz;
    m->yy += dy * dy;
    m->yz += dy * dz;
    m->zz += dz * dz;
}

BODY double total(double4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }

BODY void finish(const moments *m, int32_t k, double *covariance) {
    double n = 1.0 / k;
    double x = total(m->x) * n, y = total(m->y) * n, z = total(m->z) * n;
    covariance[0] = total(m->xx) * n - x * x;
    covariance[1 * GEOMETRY_GROUP] = total(m->xy) * n - x * y;
    covariance[2 * GEOMETRY_GROUP] = total(m->xz) * n - x * z;
    covariance[3 * GEOMETRY_GROUP] = total(m->yy) * n - y * y;
    covariance[4 * GEOMETRY_GROUP] = total(m->yz) * n - y * z;
    covariance[5 * GEOMETRY_GROUP] = total(m->zz) * n - z * z;
}

BODY double4 four(const float *v, const int32_t *place, double q) {
    float4 f = {v[place[0]], v[place[1]], v[place[2]], v[place[3]]};
    return __builtin_convertvector(f, double4) - q;
}

BODY void covariance_body(
    const float *x, const float *y, const float *z, const int32_t *place, int32_t k, float qx, float qy, float qz,
    double *covariance) {
    moments m = {0};
    int32_t i = 0;
    for (; i + 4 <= k; i += 4) {
        add_four(&m, four(x, place + i, qx), four(y, place + i, qy), four(z, place + i, qz));
    }
    if (i < k) {
        double4 dx = {0}, dy = {0}, dz = {0};
        for (int32_t lane = 0; i < k; i++, lane++) {
            dx[lane] = (double)x[place[i]] - qx;
            dy[lane] = (double)y[place[i]] - qy;
            dz[lane] = (double)z[place[i]] - qz;
        }
        add_four(&m, dx, dy, dz);
    }
    finish(&m, k, covariance);
}

BODY void covariance_of_points_body(const float *points, const int32_t *place, int32_t k, double *covariance) {
    moments m = {0};
    const float *q = points + 4 * (int64_t)place[0];
    for (int32_t i = 0; i < k; i += 4) {
        double4 dx = {0}, dy = {0}, dz = {0};
        for (int32_t lane = 0; lane < 4 && i + lane < k; lane++) {
            const float *p = points + 4 * (int64_t)place[i + lane];
            dx[lane] = (double)p[0] - q[0];
            dy[lane] = (double)p[1] - q[1];
            dz[lane] = (double)p[2] - q[2];
        }
        add_four(&m, dx, dy, dz);
    }
    finish(&m, k, covariance);
}

// MARK: - Eigenvectors

/// One vector of three components in each lane.
typedef struct {
    double16 x, y, z;
} axes;

BODY double16 choose(long16 mask, double16 a, double16 b) {
    return (double16)(((long16)a & mask) | ((long16)b & ~mask));
}

BODY double16 absolute(double16 v) {
    long16 sign = (long16){} + INT64_MIN;
    return (double16)((long16)v & ~sign);
}

/// Makes pq zero by a rotation of axes p and q; pr and qr are the entries against the third axis.
BODY void rotate(double16 *pp, double16 *qq, double16 *pq, double16 *pr, double16 *qr, axes *p, axes *q) {
    // tan of the smaller angle: t = 2 pq / (d + sign(d) sqrt(d^2 + 4 pq^2)); 0 where nothing is left to do.
    double16 d = *qq - *pp, twice = *pq + *pq;
    double16 root = __builtin_elementwise_sqrt(d * d + twice * twice);
    double16 divisor = d + choose(d < 0, -root, root);
    double16 t = choose(divisor == 0, (double16){0}, twice / divisor);
    double16 cosine = 1 / __builtin_elementwise_sqrt(t * t + 1);
    double16 sine = t * cosine;
    *pp -= t * *pq;
    *qq += t * *pq;
    *pq = (double16){0};
    double16 a = *pr, b = *qr;
    *pr = cosine * a - sine * b;
    *qr = sine * a + cosine * b;
    axes u = *p, v = *q;
    p->x = cosine * u.x - sine * v.x;
    p->y = cosine * u.y - sine * v.y;
    p->z = cosine * u.z - sine * v.z;
    q->x = sine * u.x + cosine * v.x;
    q->y = sine * u.y + cosine * v.y;
    q->z = sine * u.z + cosine * v.z;
}

BODY void order(double16 *a, double16 *b, axes *u, axes *v) {
    long16 wrong = *b < *a;
    double16 l = *a, h = *b;
    axes p = *u, q = *v;
    *a = choose(wrong, h, l);
    *b = choose(wrong, l, h);
    u->x = choose(wrong, q.x, p.x);
    u->y = choose(wrong, q.y, p.y);
    u->z = choose(wrong, q.z, p.z);
    v->x = choose(wrong, p.x, q.x);
    v->y = choose(wrong, p.y, q.y);
    v->z = choose(wrong, p.z, q.z);
}

BODY void smallest_axes_body(const double *covariance, double *normals, double *values) {
    double16 m[6];
    __builtin_memcpy(m, covariance, sizeof m);
    double16 a = m[0], ab = m[1], ac = m[2], b = m[3], bc = m[4], c = m[5];
    double16 zero = {0}, one = zero + 1;
    axes u = {one, zero, zero}, v = {zero, one, zero}, w = {zero, zero, one};
    // Cyclic Jacobi converges quadratically: of 20 million matrices, with eigenvalues up to 10^8 apart or nearly equal,
    // three sweeps leave up to 1.3e-5 of the largest eigenvalue off the diagonal, and four 8e-21. A fixed number, and no
    // branches: no lane depends on the others.
    for (int sweep = 0; sweep < 4; sweep++) {
        rotate(&a, &b, &ab, &ac, &bc, &u, &v);
        rotate(&a, &c, &ac, &ab, &bc, &u, &w);
        rotate(&b, &c, &bc, &ab, &ac, &v, &w);
    }
    order(&a, &b, &u, &v);
    order(&b, &c, &v, &w);
    order(&a, &b, &u, &v);
    double16 length = __builtin_elementwise_sqrt(u.x * u.x + u.y * u.y + u.z * u.z);
    double16 x = absolute(u.x), y = absolute(u.y), z = absolute(u.z);
    double16 largest = choose(y > x, u.y, u.x);
    largest = choose(z > choose(y > x, y, x), u.z, largest);
    double16 scale = 1 / choose(largest < 0, -length, length);
    double16 out[3] = {u.x * scale, u.y * scale, u.z * scale};
    __builtin_memcpy(normals, out, sizeof out);
    double16 ascending[3] = {a, b, c};
    __builtin_memcpy(values, ascending, sizeof ascending);
}

// MARK: - The forms of each

#if defined(__x86_64__)

AVX2 static void covariance_avx2(
    const float *x, const float *y, const float *z, const int32_t *place, int32_t k, float qx, float qy, float qz,
    double *covariance) {
    covariance_body(x, y, z, place, k, qx, qy, qz, covariance);
}

AVX2 static void covariance_of_points_avx2(const float *points, const int32_t *place, int32_t k, double *covariance) {
    covariance_of_points_body(points, place, k, covariance);
}

AVX2 static void smallest_axes_avx2(const double *covariance, double *normals, double *values) {
    smallest_axes_body(covariance, normals, values);
}

AVX512 static void smallest_axes_avx512(const double *covariance, double *normals, double *values) {
    smallest_axes_body(covariance, normals, values);
}

#endif

void geometry_covariance(
    const float *x, const float *y, const float *z, const int32_t *place, int32_t k, float qx, float qy, float qz,
    double *covariance) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        covariance_avx2(x, y, z, place, k, qx, qy, qz, covariance);
        return;
    }
#endif
    covariance_body(x, y, z, place, k, qx, qy, qz, covariance);
}

void geometry_covariance_of_points(const float *points, const int32_t *place, int32_t k, double *covariance) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        covariance_of_points_avx2(points, place, k, covariance);
        return;
    }
#endif
    covariance_of_points_body(points, place, k, covariance);
}

void geometry_smallest_axes(const double *covariance, double *normals, double *values) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX512) {
        smallest_axes_avx512(covariance, normals, values);
        return;
    }
    if (geometry_current_level >= GEOMETRY_AVX2) {
        smallest_axes_avx2(covariance, normals, values);
        return;
    }
#endif
    smallest_axes_body(covariance, normals, values);
}
