// tegami import
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/mail_source.h"
#include "app/command_line/transfer_progress.h"
#include "app/configuration/units.h"
#include "base/base64.h"
#include "message/header.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>

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
    ImportRun(Commands& commands, std::string address, FoundMail found, bool as_json)
        : commands_(commands), address_(std::move(address)), found_(std::move(found)), progress_(as_json, total()) {}

    /// The exit status.
    int run() {
        for (const std::string& sentence : found_.unreadable)
            leave(sentence, "");
        if (!prepare()) return commands_.status();
        for (const MailFolder& folder : found_.folders)
            if (!left_mailboxes_.contains(folder.mailbox) && !import_folder(folder)) {
                progress_.complain_of({{"event", "stopped"}},
                                      "the import has stopped; the same command goes on with it later");
                return kFailed;
            }
        std::string sentence =
            fmt::format("{}: {} taken, {} there already", address_, counted(taken_, "message"), there_);
        if (left_ > 0) sentence += fmt::format(", {} left out", left_);
        progress_.tell({{"event", "done"}, {"taken", taken_}, {"already_there", there_}, {"left", left_}},
                       sentence + ".");
        return left_ == 0 ? kDone : kFailed;
    }

private:
    std::uint64_t total() const {
        std::uint64_t bytes = 0;
        for (const MailFolder& folder : found_.folders)
            bytes += folder.bytes;
        return bytes;
    }

    void leave(const std::string& what, const std::string& reason) {
        ++left_;
        progress_.complain_of(
            {{"event", "left"}, {"source", message::repair_utf8(what)}, {"reason", message::repair_utf8(reason)}},
            reason.empty() ? what : fmt::format("{}: {}", what, reason));
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
        const auto done = commands_.ask("/mail/prepare", {{"address", address_}, {"mailboxes", std::move(mailboxes)}});
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
            const auto page = commands_.ask("/mail/known", request);
            if (!page) return false;
            const std::string all = base64::decode(text_of(*page, "fingerprints")).value_or("");
            for (std::size_t at = 0; at + kFingerprintBytes <= all.size(); at += kFingerprintBytes)
                ++known_[all.substr(at, kFingerprintBytes)];
            const json::value* const next = page->if_contains("next");
            if (!next) return true;
            request["after"] = *next;
        }
    }

    bool import_folder(const MailFolder& folder) {
        if (!learn(folder.mailbox)) return false;
        const std::unique_ptr<MailFolderReader> reader = read_folder(folder);
        while (std::optional<SourceMessage> message = reader->next()) {
            progress_.show(taken_ + there_ + batch_.size(), bytes_before_ + reader->bytes_read());
            if (!message->problem.empty()) {
                leave(message->name, message->problem);
                continue;
            }
            const auto known = known_.find(fingerprint_of(message->octets));
            if (known != known_.end() && known->second > 0) {
                --known->second;
                ++there_;
                continue;
            }
            batch_bytes_ += message->octets.size();
            batch_.push_back(*std::move(message));
            const bool full = batch_.size() == kBatchMessages || batch_bytes_ >= kBatchBytes;
            if (full && !send(folder.mailbox)) return false;
        }
        bytes_before_ += folder.bytes;
        return batch_.empty() || send(folder.mailbox);
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
        const auto done = commands_.send_mail({{"address", address_}}, std::move(upload));
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

    Commands& commands_;
    const std::string address_;
    const FoundMail found_;
    TransferProgress progress_;
    std::set<std::string> left_mailboxes_;
    std::unordered_map<std::string, std::uint32_t> known_; ///< how often the mailbox has it, beyond what was met
    std::vector<SourceMessage> batch_;
    std::size_t batch_bytes_ = 0;
    std::uint64_t bytes_before_ = 0; ///< of the folders that are done
    std::uint64_t taken_ = 0;
    std::uint64_t there_ = 0;
    std::uint64_t left_ = 0;
};

int import_mail(Commands& commands, const Arguments& arguments) {
    auto found = find_mail(absolute_path(arguments.text("SOURCE")), arguments.text("--mailbox"));
    if (!found) return complain(kFailed, found.error());
    return ImportRun(commands, arguments.text("ACCOUNT"), *std::move(found), arguments.flag("--json")).run();
}

} // namespace

Command import_command() {
    return {
        .name = "import",
        .help = "Bring mail of another program into an account: a Maildir, mbox or EML files",
        .options = {{.kind = Option::Kind::text, .name = "ACCOUNT", .help = "The account's address", .required = true},
                    {.kind = Option::Kind::text, .name = "SOURCE", .help = "The folder or file", .required = true},
                    {.kind = Option::Kind::text,
                     .name = "--mailbox",
                     .help = "Where messages go that have no folder of their own",
                     .value = "NAME",
                     .otherwise = "INBOX"},
                    {.name = "--json", .help = "Print one line of JSON for each event"}},
        .footer =
            "Folders, flags, keywords, dates and subscriptions come along. What the mailbox has already, by size\n"
            "and Message-ID, is not added again: the same command goes on after an interruption. The files are read\n"
            "with your rights and are not changed.\n"
            "Examples:\n  tegami import anna@example.org /var/vmail/example.org/anna/Maildir\n"
            "  tegami import anna@example.org old.mbox --mailbox Archive/2019",
        .run = import_mail};
}

} // namespace tegami::app
