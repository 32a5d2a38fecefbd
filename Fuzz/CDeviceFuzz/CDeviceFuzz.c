#include "migstream_fuzz.h"

#include <stdlib.h>

/* Swift and C count on it. */
_Static_assert(sizeof(mgsf_device) == 88, "a member of mgsf_device was changed: say so in the header");

/* Before the Swift runtime looks: its backtracer would take signals that fuzzers wait for, and hashes with chance in
   them would give other inputs for the same seed. */
__attribute__((constructor(101))) static void settle_environment(void)
{
    setenv("SWIFT_BACKTRACE", "enable=no", 0);
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 0);
}
