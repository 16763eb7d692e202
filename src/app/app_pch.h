// Precompiled for this room: most of its files use Boost.JSON.
#pragma once

#include "async/shell_pch.h"

#include <boost/json.hpp>
