#include "checksum.h"

#if defined(__x86_64__)
#include <immintrin.h>

int scanward_can_fold_crc32(void) { return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1"); }

#define FOLDING __attribute__((target("pclmul,sse4.1")))

/// x times the pair of constants: moves 128 bits of the message forward by the distance that the constants stand for.
static inline FOLDING __m128i fold(__m128i x, __m128i constants) {
    return _mm_xor_si128(_mm_clmulepi64_si128(x, constants, 0x00), _mm_clmulepi64_si128(x, constants, 0x11));
}

static inline FOLDING __m128i load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

FOLDING uint32_t scanward_crc32_fold(const uint8_t *bytes, size_t count, uint32_t state) {
    const __m128i by512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
    const __m128i by128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    const __m128i by64 = _mm_set_epi64x(0, 0x0163cd6124);
    const __m128i reduction = _mm_set_epi64x(0x01f7011641, 0x01db710641);
    const __m128i evenWords = _mm_setr_epi32(~0, 0, ~0, 0);
    // Four lanes, so that the multiplier never waits for its own result.
    __m128i a = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)state));
    __m128i b = load(bytes + 16), c = load(bytes + 32), d = load(bytes + 48);
    for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64) {
        a = _mm_xor_si128(fold(a, by512), load(bytes));
        b = _mm_xor_si128(fold(b, by512), load(bytes + 16));
        c = _mm_xor_si128(fold(c, by512), load(bytes + 32));
        d = _mm_xor_si128(fold(d, by512), load(bytes + 48));
    }
    a = _mm_xor_si128(fold(a, by128), b);
    a = _mm_xor_si128(fold(a, by128), c);
    a = _mm_xor_si128(fold(a, by128), d);
    for (; count >= 16; bytes += 16, count -= 16) a = _mm_xor_si128(fold(a, by128), load(bytes));
    // 128 bits to 64, 64 to 32, and Barrett's reduction.
    a = _mm_xor_si128(_mm_srli_si128(a, 8), _mm_clmulepi64_si128(a, by128, 0x10));
    a = _mm_xor_si128(_mm_srli_si128(a, 4), _mm_clmulepi64_si128(_mm_and_si128(a, evenWords), by64, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(a, evenWords), reduction, 0x10);
    quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, evenWords), reduction, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, quotient), 1);
}

#else

int scanward_can_fold_crc32(void) { return 0; }

uint32_t scanward_crc32_fold(const uint8_t *bytes, size_t count, uint32_t state) {
    (void)bytes, (void)count;
    return state;
}

#endif
