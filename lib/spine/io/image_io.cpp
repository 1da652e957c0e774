#include "spine/io/image_io.h"
