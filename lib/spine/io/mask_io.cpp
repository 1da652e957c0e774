#include "spine/io/mask_io.h"
