#include "spine/sim/anatomy.h"
