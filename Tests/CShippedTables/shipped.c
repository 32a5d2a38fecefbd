/* The field tables of the models that the repository ships, each written by streamtool model layout --c: .ci/check-generated
 * says whether they still are what it writes. */
#include "shipped.h"

#include <string.h>

#include "16550.h"
#include "blk.h"
#include "console.h"
#include "large-memory.h"
#include "mtty.h"
#include "net.h"
#include "rng.h"
#include "rx-filter-nic.h"
#include "surround-card.h"
#include "vendor-card.h"

static const struct {
    const char *name;
    const struct mgs_model *model;
} models[] = {
    { "16550", &device_16550_model },
    { "blk", &blk_model },
    { "console", &console_model },
    { "large-memory", &large_memory_model },
    { "mtty", &mtty_model },
    { "net", &net_model },
    { "rng", &rng_model },
    { "rx-filter-nic", &rx_filter_nic_model },
    { "surround-card", &surround_card_model },
    { "vendor-card", &vendor_card_model },
};

const struct mgs_model *shipped_model(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (strcmp(models[i].name, name) == 0)
            return models[i].model;
    }
    return NULL;
}
