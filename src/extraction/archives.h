// Archives that strangers send, undone where they can do no harm: in a helper, never in the server's own process.
#pragma once

#include "extraction/helper.h"
#include "trust/unpack/unpack.h"

#include <string>

namespace tegami::extraction {

/// The file, or why there is none.
using Unpacked = Result<std::string, trust::UnpackError>;

class Archives {
public:
    /// `helpers` outlives it; null: there are none.
    explicit Archives(Helpers* helpers) {
        if (helpers != nullptr) helper_.emplace(helpers);
    }

    /// The file in a gzip or zip archive, within the limits of trust/unpack; what is neither comes back as it is. Nothing: no
    /// helper does it now. Blocks; one thread's at a time.
    std::optional<Unpacked> unpack(std::string octets);

private:
    std::optional<Helper> helper_;
};

/// What the job writes behind the file: it is whole, or what is wrong.
char to_octet(const Result<void, trust::UnpackError>& outcome);

} // namespace tegami::extraction
