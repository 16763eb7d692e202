#include "app/command_line/import_run.h"

#include "app/command_line/commands.h"
#include "app/command_line/phrase.h"
#include "base/base64.h"
#include "message/header.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace tegami::app {

namespace {

/// What goes into one request: the server stores it in one commit.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kBatchMessages = 500;
constexpr std::size_t kFingerprintBytes = 16;

/// The same octets before and behind the server: by the header alone, as the card of the whole has it.
std::string fingerprint_of(const MailOctets& octets) {
    const message::Header header(octets.head());
    const std::string_view head = octets.head().substr(0, header.size());
    return transfer::fingerprint(octets.size(), message::make_card(message::parse_structure(head)));
}

class ImportRun {
public:
    ImportRun(ImportDesk& desk, std::string address, MailSource& source)
        : desk_(desk), address_(std::move(address)), source_(source), found_(source.found()) {
        std::uint64_t bytes = 0;
        for (const MailFolder& folder : found_.folders)
            bytes += folder.bytes;
        desk_.expect(bytes);
        keeps_all_ = std::ranges::any_of(found_.folders, &MailFolder::is_view);
    }

    /// The exit status.
    int run() {
        for (const std::string& sentence : found_.unreadable)
            leave(sentence, "");
        for (const std::string& sentence : found_.notes)
            desk_.tell({{"event", "note"}, {"text", message::repair_utf8(sentence)}}, sentence, address_);
        if (!prepare()) return desk_.status();
        for (const MailFolder& folder : found_.folders)
            if (!folder.is_empty && !left_mailboxes_.contains(folder.mailbox) && !import_folder(folder)) {
                desk_.complain_of({{"event", "stopped"}},
                                  say("the import has stopped; the same command goes on with it later"), address_);
                return kFailed;
            }
        const std::string taken = count_of(taken_, "message");
        const std::string sentence =
            left_ > 0 ? say("{}: {} taken, {} there already, {} left out.", address_, taken, there_, left_)
                      : say("{}: {} taken, {} there already.", address_, taken, there_);
        desk_.tell({{"event", "done"}, {"taken", taken_}, {"already_there", there_}, {"left", left_}}, sentence,
                   address_);
        return left_ == 0 ? kDone : kFailed;
    }

private:
    void leave(const std::string& what, const std::string& reason) {
        ++left_;
        desk_.complain_of(
            {{"event", "left"}, {"source", message::repair_utf8(what)}, {"reason", message::repair_utf8(reason)}},
            reason.empty() ? what : fmt::format("{}: {}", what, reason), address_);
    }

    /// Has the mailboxes made. False: it cannot go on.
    bool prepare() {
        std::map<std::string, bool> wanted; // name, subscribed
        for (const MailFolder& folder : found_.folders)
            wanted.emplace(folder.mailbox, false);
        for (const std::string& name : found_.subscribed)
            if (const auto known = wanted.find(name); known != wanted.end()) known->second = true;
        json::array mailboxes;
        for (const auto& [name, subscribed] : wanted) {
            mailboxes.push_back(json::object{{"name", name}, {"subscribed", subscribed}});
            if (mailboxes.size() == admin::kImportEntriesMax && !prepare_some(std::exchange(mailboxes, {})))
                return false;
        }
        return prepare_some(std::move(mailboxes));
    }

    bool prepare_some(json::array mailboxes) {
        const auto done = desk_.ask("/mail/prepare", {{"address", address_}, {"mailboxes", std::move(mailboxes)}});
        if (!done) return false;
        for (const json::value& value : done->at("left").as_array()) {
            const json::object& left = value.as_object();
            left_mailboxes_.insert(text_of(left, "mailbox"));
            leave(text_of(left, "mailbox"), text_of(left, "reason"));
        }
        return true;
    }

    /// Asks what the mailbox has. False: it cannot go on.
    bool learn(const std::string& mailbox) {
        known_.clear();
        json::object request{{"address", address_}, {"mailbox", mailbox}};
        for (;;) {
            const auto page = desk_.ask("/mail/known", request);
            if (!page) return false;
            const std::string all = base64::decode(text_of(*page, "fingerprints")).value_or("");
            for (std::size_t at = 0; at + kFingerprintBytes <= all.size(); at += kFingerprintBytes)
                ++known_[all.substr(at, kFingerprintBytes)];
            const json::value* const next = page->if_contains("next");
            if (!next) return true;
            request["after"] = *next;
        }
    }

    /// Whether the mailbox has one like it; each of its messages stands for one.
    bool is_there(const std::string& fingerprint) {
        const auto known = known_.find(fingerprint);
        if (known == known_.end() || known->second == 0) return false;
        --known->second;
        ++there_;
        return true;
    }

    /// Whether the message need not be stored: it is there, or the folder only shows it.
    bool is_unwanted(const MailFolder& folder, const std::string& fingerprint) {
        if (folder.is_view && met_.contains(fingerprint)) return true;
        if (!is_there(fingerprint)) return false;
        if (keeps_all_) met_.insert(fingerprint);
        return true;
    }

    bool import_folder(const MailFolder& folder) {
        if (!learn(folder.mailbox)) return false;
        const std::unique_ptr<MailFolderReader> reader = source_.read(folder);
        if (!known_.empty() || folder.is_view)
            reader->pass_over([&](const std::string& fingerprint) { return is_unwanted(folder, fingerprint); });
        while (std::optional<SourceMessage> message = reader->next()) {
            show(bytes_before_ + reader->bytes_read());
            if (!message->problem.empty()) {
                leave(message->name, message->problem);
                continue;
            }
            const std::string fingerprint = fingerprint_of(message->octets);
            if (is_unwanted(folder, fingerprint)) continue;
            if (keeps_all_) met_.insert(fingerprint);
            batch_bytes_ += message->octets.size();
            batch_.push_back(*std::move(message));
            const bool full = batch_.size() == kBatchMessages || batch_bytes_ >= kBatchBytes;
            if (full && !send(folder.mailbox)) return false;
        }
        if (!batch_.empty() && !send(folder.mailbox)) return false;
        bytes_before_ += std::max(folder.bytes, reader->bytes_read());
        show(bytes_before_);
        if (reader->broken().empty()) return true;
        desk_.complain_of({{"event", "broken"}, {"reason", message::repair_utf8(reader->broken())}}, reader->broken(),
                          address_);
        return false;
    }

    void show(std::uint64_t bytes) {
        const std::uint64_t messages = taken_ + there_ + batch_.size();
        desk_.advance(messages - std::exchange(messages_shown_, messages), bytes - std::exchange(bytes_shown_, bytes));
    }

    bool send(const std::string& mailbox) {
        std::vector<std::string> lines;
        net::HttpUpload upload;
        for (SourceMessage& message : batch_) {
            lines.push_back(transfer::print_item(
                {.bytes = message.octets.size(), .date = message.date, .marks = message.marks, .mailbox = mailbox}));
            upload.bytes += lines.back().size() + message.octets.size();
        }
        std::size_t at = 0;
        bool in_message = false;
        upload.next = [&] {
            std::string piece;
            while (at < batch_.size() && piece.empty()) {
                if (!std::exchange(in_message, true)) {
                    batch_[at].octets.rewind();
                    piece = lines[at];
                }
                piece += batch_[at].octets.read();
                if (piece.empty()) {
                    ++at;
                    in_message = false;
                }
            }
            return piece;
        };
        const auto done = desk_.send_mail({{"address", address_}}, std::move(upload));
        if (!done) return false;
        for (const json::value& value : done->at("left").as_array()) {
            const std::size_t place = value.at("at").to_number<std::size_t>();
            leave(place < batch_.size() ? batch_[place].name : mailbox, text_of(value.as_object(), "reason"));
        }
        taken_ += done->at("taken").to_number<std::uint64_t>();
        batch_.clear();
        batch_bytes_ = 0;
        return true;
    }

    ImportDesk& desk_;
    const std::string address_;
    MailSource& source_;
    const FoundMail& found_;
    bool keeps_all_ = false;              ///< in `met_`: a view comes
    std::unordered_set<std::string> met_; ///< fingerprints of what is stored now
    std::set<std::string> left_mailboxes_;
    std::unordered_map<std::string, std::uint32_t> known_; ///< how often the mailbox has it, beyond what was met
    std::vector<SourceMessage> batch_;
    std::size_t batch_bytes_ = 0;
    std::uint64_t bytes_before_ = 0; ///< of the folders that are done
    std::uint64_t taken_ = 0;
    std::uint64_t there_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t messages_shown_ = 0;
    std::uint64_t bytes_shown_ = 0;
};

} // namespace

std::optional<json::object> ImportDesk::ask(const std::string& operation, json::object request) {
    const std::lock_guard lock(guard_);
    return commands_.ask(operation, std::move(request));
}

std::optional<json::object> ImportDesk::send_mail(const json::object& request, net::HttpUpload octets) {
    const std::lock_guard lock(guard_);
    return commands_.send_mail(request, std::move(octets));
}

void ImportDesk::expect(std::uint64_t bytes) {
    const std::lock_guard lock(guard_);
    progress_.expect(bytes);
}

void ImportDesk::advance(std::uint64_t messages, std::uint64_t bytes) {
    const std::lock_guard lock(guard_);
    messages_ += messages;
    bytes_ += bytes;
    progress_.show(messages_, bytes_);
}

void ImportDesk::tell(json::object event, const std::string& sentence, const std::string& account) {
    const std::lock_guard lock(guard_);
    if (many_) event["account"] = account;
    progress_.tell(std::move(event), sentence);
}

void ImportDesk::complain_of(json::object event, const std::string& sentence, const std::string& account) {
    const std::lock_guard lock(guard_);
    if (many_) event["account"] = account;
    progress_.complain_of(std::move(event), many_ ? fmt::format("{}: {}", account, sentence) : sentence);
}

int import_into(ImportDesk& desk, const std::string& address, MailSource& source) {
    return ImportRun(desk, address, source).run();
}

} // namespace tegami::app
