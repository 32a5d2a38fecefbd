/* What migstream.h promises about its structs, checked where it is compiled. */
#include "migstream.h"

#define MGS_SIZED(type) _Static_assert(sizeof(type) % 8 == 0 && offsetof(type, size) == 0, #type)

MGS_SIZED(mgs_limits);
MGS_SIZED(mgs_config);
MGS_SIZED(mgs_topology);
MGS_SIZED(mgs_region);
MGS_SIZED(mgs_device);
MGS_SIZED(mgs_parameter);
MGS_SIZED(mgs_announcement);
MGS_SIZED(mgs_summary);
MGS_SIZED(mgs_piece);
MGS_SIZED(mgs_stream_options);
MGS_SIZED(mgs_section_data);
MGS_SIZED(mgs_record);
MGS_SIZED(mgs_handler);
MGS_SIZED(mgs_estimate);
MGS_SIZED(mgs_device_ops);
MGS_SIZED(mgs_machine_options);
MGS_SIZED(mgs_machine_status);
_Static_assert(sizeof(mgs_error) == 64, "mgs_error");
