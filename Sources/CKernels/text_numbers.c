#include "text_numbers.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

static const double powers[17] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
static const uint64_t integer_powers[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/// The value of the first `count` of eight digits, at most 8 (Lemire 2021): moved to the end of the eight, behind zeros.
static inline uint64_t digits(const uint8_t *p, int count) {
    if (count == 0) return 0;
    uint64_t v;
    memcpy(&v, p, 8);
    v = (v ^ 0x3030303030303030ULL) << (64 - 8 * count);
    v = v * 10 + (v >> 8);
    uint64_t high = (v & 0x000000ff000000ffULL) * 0x000f424000000064ULL;
    uint64_t low = (v >> 16 & 0x000000ff000000ffULL) * 0x0000271000000001ULL;
    return (high + low) >> 32;
}

/// Which of 16 bytes are below 0x21 or above 0x7f, are digits, are points: a bit each.
static inline void classify(const uint8_t *p, uint32_t *ends, uint32_t *digit, uint32_t *point) {
    __m128i v = _mm_loadu_si128((const __m128i *)p), value = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    *ends = (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(v, _mm_set1_epi8(0x21)));
    *digit = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value));
    *point = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')));
}
#endif

int64_t text_plain_lines(
    const uint8_t *bytes, int64_t n, int64_t at, const int32_t *places, int32_t numbers, const double *offsets,
    float *values, int64_t room, int64_t most, int64_t *read) {
#if defined(__x86_64__)
    // The length of a number comes from one comparison of 16 bytes, and with it the place of the next: the numbers
    // themselves are computed while the next ones are being found.
    while (*read < most) {
        int64_t next = at;
        for (int32_t i = 0; i < numbers; i++) {
            if (next + 40 > n) return at;
            uint32_t ends, digit, point;
            classify(bytes + next, &ends, &digit, &point);
            if (ends == 0) {
                uint32_t more_ends, more_digit, more_point;
                classify(bytes + next + 16, &more_ends, &more_digit, &more_point);
                if (more_ends == 0) return at;
                ends = more_ends << 16;
                digit |= more_digit << 16;
                point |= more_point << 16;
            }
            int length = __builtin_ctz(ends);
            uint32_t minus = bytes[next] == '-';
            uint32_t token = (1u << length) - 1 - minus;
            point &= token;
            if ((digit & token) != (token & ~point) || (point & (point - 1))) return at;
            int whole = (point ? __builtin_ctz(point) : length) - (int)minus;
            int decimals = point ? length - whole - 1 - (int)minus : 0;
            if (whole > 8 || decimals > 16 || whole + decimals <= 0) return at;
            const uint8_t *p = bytes + next + minus;
            uint64_t mantissa = digits(p, whole);
            const uint8_t *fraction = p + whole + 1;
            int first = decimals < 8 ? decimals : 8;
            mantissa = mantissa * integer_powers[first] + digits(fraction, first);
            if (decimals > 8) mantissa = mantissa * integer_powers[decimals - 8] + digits(fraction + 8, decimals - 8);
            // Beyond 53 bits one division would not round right; the conversion below holds 52.
            if (whole + decimals > 18 || mantissa >> 52) return at;
            // As the lower bits of 2^52, less 2^52: the conversion instruction would wait for what the number before left
            // in its register.
            __m128i exponent = _mm_cvtsi64_si128(0x4330000000000000);
            __m128d value = _mm_castsi128_pd(_mm_or_si128(_mm_cvtsi64_si128((int64_t)mantissa), exponent));
            value = _mm_sub_sd(value, _mm_castsi128_pd(exponent));
            value = _mm_div_sd(value, _mm_load_sd(powers + decimals));
            value = _mm_or_pd(value, _mm_castsi128_pd(_mm_cvtsi64_si128((int64_t)((uint64_t)minus << 63))));
            if (places[i] >= 0) {
                value = _mm_sub_sd(value, _mm_load_sd(offsets + places[i]));
                _mm_store_ss(values + places[i] * room + *read, _mm_cvtpd_ps(value));
            }
            next += length;
            if (bytes[next] != (i + 1 < numbers ? ' ' : '\n')) return at;
            next++;
        }
        at = next;
        ++*read;
    }
#else
    (void)bytes, (void)n, (void)places, (void)numbers, (void)offsets, (void)values, (void)room, (void)most, (void)read;
#endif
    return at;
}
