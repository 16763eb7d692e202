// Precompiled for the rooms most of whose files use Boost.JSON.
#pragma once

#include "async/shell_pch.h"

#include <boost/json.hpp>
