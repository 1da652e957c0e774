#include "spine/sim/expose.h"
