// Counts the letters that came and were examined, for the reports to their authors' domains.
//
// Letters that were not judged, because they came from our own users or trusted networks, have no verdict and are not
// counted; those to the addresses for reports neither, or two servers would go on reporting about each other's reports.
#pragma once

#include "reception/dmarc_policy.h"
#include "store/tally.h"
#include "verification/examination.h"

namespace tegami::reporting {

class DmarcCounter {
public:
    /// It outlives the counter.
    explicit DmarcCounter(store::Tally& tally) : tally_(tally) {}

    /// Counts a letter for which it was decided what is done with it, if its author's domain has asked for reports.
    /// From any thread; a few microseconds.
    void count(const verification::Finding& finding, reception::DmarcAction action);

private:
    store::Tally& tally_;
};

} // namespace tegami::reporting
