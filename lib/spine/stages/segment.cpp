#include "spine/stages/segment.h"
