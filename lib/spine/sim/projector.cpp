#include "spine/sim/projector.h"
