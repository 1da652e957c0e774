#include "spine/io/dicom_io.h"
