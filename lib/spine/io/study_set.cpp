#include "spine/io/study_set.h"
