// The part of repair.h that mends one account: every record that can be read goes into one picture, the picture is made
// whole, and written.
#pragma once

#include "store/engine/engine.h"
#include "store/recovery/record_table.h"
#include "store/recovery/repair.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store {

/// One account, as far as its records tell.
struct AccountPicture {
    struct Box {
        std::optional<record::MailboxRow> row;
        std::map<std::uint32_t, MessageRow> messages;
        std::set<std::uint32_t> gone; ///< D records that say so
        std::uint32_t uid_highest = 0;
    };

    Domain domain{.kind = DomainKind::account};
    Version version; ///< of the records
    bool sound = true;
    std::vector<std::string> notes; ///< why not, in sentences
    std::optional<record::AccountRow> account;
    std::map<MailboxId, Box> boxes;
    std::map<MailboxId, std::pair<MailboxId, std::string>> names;
    std::map<std::string, record::Vanished> vanished; ///< by key
    std::map<std::uint32_t, record::EmailRecord> emails;
    std::map<std::uint32_t, BlobRef> references; ///< by email, as the blobs say
    std::map<std::uint32_t, BlobId> unreadable;  ///< emails whose octets cannot be read
    std::map<std::uint32_t, std::uint32_t> threads;
    std::map<std::uint32_t, std::uint32_t> said; ///< rows of an email as M and m say, where not 1
    std::map<std::uint32_t, std::uint32_t> counts;
    std::map<std::uint16_t, std::string> keywords;
    std::vector<std::string> old_keys; ///< of what is written anew, and of what cannot be decoded

    /// No record of it was found, nor any blob that names it.
    bool is_empty() const {
        return !account && boxes.empty() && emails.empty() && references.empty() && old_keys.empty();
    }
};

/// Reads all records, and whether the octets of all messages are there. `references`: as in RepairOptions.
async::Awaitable<StoreResult<AccountPicture>> read_picture(Engine* engine, Domain domain,
                                                           const std::map<std::string, BlobRef>* references);

/// Makes it whole. What that costs is told in `told`: lost messages, notes, those that came back.
async::Awaitable<StoreResult<>> make_whole(Engine* engine, Clock* clock, const RepairOptions* options,
                                           AccountPicture* picture, RepairedAccount* told);

/// Writes a picture that is whole, in as many commits as it takes; a run that was cut short can be repaired again.
async::Awaitable<StoreResult<>> write_picture(Engine* engine, AccountPicture picture);

} // namespace tegami::store
