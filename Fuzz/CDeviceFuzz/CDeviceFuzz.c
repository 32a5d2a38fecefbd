#include "migstream_fuzz.h"

/* Swift and C count on it. */
_Static_assert(sizeof(mgsf_device) == 88, "a member of mgsf_device was changed: say so in the header");
