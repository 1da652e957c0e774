#include "spine/io/landmarks_io.h"
