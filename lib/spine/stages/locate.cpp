#include "spine/stages/locate.h"
