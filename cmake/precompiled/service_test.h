// Precompiled for the tests of the rooms that know accounts.
#pragma once

#include "service.h"
#include "store_test.h"
