#include "spine/sim/patient.h"
