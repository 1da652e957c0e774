#include "spine/stages/preprocess.h"
