#include "spine/infer/model.h"
