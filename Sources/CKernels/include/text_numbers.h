#ifndef TEXT_NUMBERS_H
#define TEXT_NUMBERS_H

#include <stdint.h>

/// Reads lines of plain decimal numbers (digits, one point, a minus; up to 8 digits before the point and 16 after it)
/// between single blanks, as many as there are before one that is anything else, and before the last 40 bytes.
///
/// places: of each of the numbers in a line the column that it goes to, or -1. offsets: subtracted from each column, in
/// double. values: by column, `room` floats each. The line goes to row *read, which it counts up, until `most` of them.
/// Every number is rounded once to double, as strtod would, and once to float. Returns the byte after the last line read.
int64_t text_plain_lines(
    const uint8_t *bytes, int64_t n, int64_t at, const int32_t *places, int32_t numbers, const double *offsets,
    float *values, int64_t room, int64_t most, int64_t *read);

#endif
