/* What the guest's program does, in whatever instructions: fills memory with numbers, then changes some at random and
 * prints a line with a number that all of them went into, again and again. Who loses one page, or one octet of the line,
 * prints something else. SPDX-License-Identifier: MIT */
#ifndef TINYVMM_PROGRAM_H
#define TINYVMM_PROGRAM_H

#define DATA_START 65536
#define WORKING_SET 1048576
#define LINES 200
#define ROUNDS 8192       /* changes before a line is due */
#define FACTOR 1103515245
#define SUMMAND 12345     /* and the first random number */

#endif
