#include "spine/sim/implants.h"
