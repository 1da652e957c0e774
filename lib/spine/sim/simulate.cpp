#include "spine/sim/simulate.h"
