#ifndef SHIPPED_H
#define SHIPPED_H

#include "migstream_fields.h"

/* The generated table of a model of Specs/devices, by the name of its document; NULL: there is none. */
const struct mgs_model *shipped_model(const char *name);

#endif
