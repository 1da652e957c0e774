#include "spine/io/report_io.h"
