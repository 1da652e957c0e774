#include "spine/stages/measure.h"
