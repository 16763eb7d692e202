#include "app/command_line/mail_source.h"

#include "base/ascii.h"
#include "disk/files.h"
#include "message/date.h"
#include "message/header.h"
#include "message/utf8.h"
#include "store/mailbox_list.h"
#include "transfer/maildir.h"
#include "transfer/mbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <fstream>

#include <sys/stat.h>

namespace tegami::app {

namespace {

namespace fs = std::filesystem;

/// Limit: octets of a file beside the messages (flags, subscriptions, UIDs: of a million messages).
constexpr std::size_t kSideFileBytesMax = std::size_t{256} << 20;
/// Limit: folders within folders.
constexpr int kSourceDepthMax = 32;
constexpr std::size_t kSourcePieceBytes = std::size_t{64} << 10;

std::string side_file(const fs::path& path) {
    return disk::read_file(path.string(), kSideFileBytesMax).value_or("");
}

bool is_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(fs::symlink_status(path, error));
}

std::vector<fs::path> entries_of(const fs::path& folder, std::vector<std::string>* unreadable) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error))
        entries.push_back(at->path());
    if (error && unreadable) unreadable->push_back(fmt::format("{}: {}", folder.string(), error.message()));
    std::ranges::sort(entries);
    return entries;
}

std::uint64_t size_of(const fs::path& path) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

bool is_letter(const fs::path& path) {
    return ascii::iequals(path.extension().string(), ".eml");
}

bool begins_as_mbox(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string begin(5, '\0');
    file.read(begin.data(), 5);
    return file.gcount() == 5 && begin == "From ";
}

/// The level that a file or folder of ours, or of Thunderbird, stands for.
std::string level_of(std::string name) {
    for (const std::string_view ending : {".mbox", ".sbd"})
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    for (const auto& [written, meant] :
         {std::pair<std::string_view, char>("%2E", '.'), {"%63", 'c'}, {"%6E", 'n'}, {"%25", '%'}})
        for (std::size_t at = 0; (at = name.find(written, at)) != std::string::npos; ++at)
            name.replace(at, written.size(), 1, meant);
    name = message::repair_utf8(name);
    std::ranges::replace_if(name, ascii::is_control, '_');
    return name;
}

class Search {
public:
    explicit Search(std::string mailbox) : mailbox_(std::move(mailbox)) {}

    FoundMail run(const fs::path& source) && {
        visit(source, "", 0);
        return std::move(found_);
    }

private:
    static bool is_maildir(const fs::path& folder) { return is_folder(folder / "cur") || is_folder(folder / "new"); }

    static std::string below(const std::string& parent, const std::string& level) {
        return store::canonical_mailbox_name(parent.empty() ? level : parent + "/" + level);
    }

    void visit(const fs::path& folder, const std::string& mailbox, int depth) {
        if (depth > kSourceDepthMax) return found_.unreadable.push_back(folder.string() + ": folders lie too deep");
        for (const char* const name : {"subscriptions", ".subscriptions", "courierimapsubscribed"})
            for (const std::string& subscribed : transfer::parse_subscriptions(side_file(folder / name)))
                found_.subscribed.push_back(below(mailbox, subscribed));
        if (is_maildir(folder)) return visit_maildir(folder, mailbox);
        MailFolder letters{.kind = MailFolder::Kind::letters, .path = folder, .mailbox = mailbox, .bytes = 0};
        if (mailbox.empty()) letters.mailbox = mailbox_;
        bool has_letters = false;
        for (const fs::path& entry : entries_of(folder, &found_.unreadable)) {
            const std::string name = entry.filename().string();
            if (name.starts_with('.')) continue;
            std::error_code error;
            if (is_folder(entry)) {
                visit(entry, below(mailbox, level_of(name)), depth + 1);
            } else if (!fs::is_regular_file(entry, error)) {
                continue;
            } else if (is_letter(entry)) {
                has_letters = true;
                letters.bytes += size_of(entry);
            } else if (begins_as_mbox(entry) || (name.ends_with(".mbox") && size_of(entry) == 0)) {
                add(MailFolder::Kind::mbox, entry, below(mailbox, level_of(name)), size_of(entry));
            }
        }
        if (has_letters) found_.folders.push_back(std::move(letters));
    }

    void visit_maildir(const fs::path& folder, const std::string& mailbox) {
        add_maildir(folder, mailbox.empty() ? mailbox_ : mailbox);
        for (const fs::path& entry : entries_of(folder, &found_.unreadable)) {
            const std::string name = entry.filename().string();
            if (!name.starts_with('.') || !is_folder(entry) || !is_maildir(entry)) continue;
            if (const auto named = transfer::mailbox_of_folder(name))
                add_maildir(entry, below(mailbox, *named));
            else
                found_.unreadable.push_back(fmt::format("{}: no mailbox can have this name", entry.string()));
        }
    }

    void add_maildir(const fs::path& folder, const std::string& mailbox) {
        std::uint64_t bytes = 0;
        for (const char* const part : {"cur", "new"})
            if (is_folder(folder / part))
                for (const fs::path& entry : entries_of(folder / part, &found_.unreadable))
                    bytes += size_of(entry);
        add(MailFolder::Kind::maildir, folder, mailbox, bytes);
    }

    void add(MailFolder::Kind kind, const fs::path& path, const std::string& mailbox, std::uint64_t bytes) {
        found_.folders.push_back({.kind = kind, .path = path, .mailbox = mailbox, .bytes = bytes});
    }

    const std::string mailbox_;
    FoundMail found_;
};

/// When a letter came, by the server that had it last; else when it was written.
std::optional<std::int64_t> date_of_letter(std::string_view head) {
    const message::Header header(head.substr(0, message::kHeaderBytesMax));
    std::optional<message::DateTime> date;
    if (const auto received = header.value("Received"))
        date = message::parse_date(std::string_view(*received).substr(received->rfind(';') + 1));
    if (const auto written = header.value("Date"); written && !date) date = message::parse_date(*written);
    if (!date) return std::nullopt;
    return date->utc.time_since_epoch().count();
}

/// Files of one message each.
class FilesReader final : public MailFolderReader {
public:
    explicit FilesReader(const MailFolder& folder) : is_maildir_(folder.kind == MailFolder::Kind::maildir) {
        if (is_maildir_) {
            list_maildir(folder.path);
        } else if (is_folder(folder.path)) {
            for (fs::path& entry : entries_of(folder.path, nullptr))
                if (std::error_code error; is_letter(entry) && fs::is_regular_file(entry, error))
                    files_.push_back(std::move(entry));
        } else {
            files_.push_back(folder.path);
        }
    }

    std::optional<SourceMessage> next() override {
        if (at_ == files_.size()) return std::nullopt;
        const fs::path& path = files_[at_++];
        SourceMessage message;
        message.name = path.string();
        if (is_maildir_) message.marks = transfer::parse_name_marks(path.filename().string(), keywords_);
        read(path, message);
        return message;
    }

private:
    void list_maildir(const fs::path& folder) {
        keywords_ = transfer::parse_keyword_letters(side_file(folder / "dovecot-keywords"));
        for (const char* const part : {"cur", "new"})
            if (is_folder(folder / part))
                for (fs::path& entry : entries_of(folder / part, nullptr))
                    if (!entry.filename().string().starts_with('.')) files_.push_back(std::move(entry));
        const auto uids = transfer::parse_uid_list(side_file(folder / "dovecot-uidlist"));
        const auto uid_of = [&](std::string_view name) {
            const auto found = uids.find(transfer::base_of(name));
            return found == uids.end() ? UINT32_MAX : found->second; // what came after the list was written
        };
        std::ranges::sort(files_, [&](const fs::path& a, const fs::path& b) {
            const std::string name = a.filename().string();
            const std::string other = b.filename().string();
            const std::uint32_t uid = uid_of(name);
            const std::uint32_t other_uid = uid_of(other);
            return uid != other_uid ? uid < other_uid : transfer::is_earlier(name, other);
        });
    }

    void read(const fs::path& path, SourceMessage& message) {
        struct ::stat status{};

        std::ifstream file(path, std::ios::binary);
        if (!file || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
            message.problem = "it cannot be read";
            return;
        }
        Filling filling;
        filling.begin(&message);
        while (file) {
            std::string piece(kSourcePieceBytes, '\0');
            file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            piece.resize(static_cast<std::size_t>(file.gcount()));
            bytes_read_ += piece.size();
            if (!piece.empty()) filling.append(std::move(piece));
        }
        if (file.bad()) message.problem = "it cannot be read to its end";
        if (!is_maildir_) message.date = date_of_letter(message.octets.head());
        if (!message.date) message.date = status.st_mtime;
        filling.finish();
    }

    const bool is_maildir_;
    transfer::KeywordLetters keywords_;
    std::vector<fs::path> files_;
    std::size_t at_ = 0;
};

class MboxFolderReader final : public MailFolderReader {
public:
    explicit MboxFolderReader(const MailFolder& folder) : path_(folder.path), file_(folder.path, std::ios::binary) {}

    std::optional<SourceMessage> next() override {
        for (;;) {
            if (!file_.is_open()) return std::exchange(told_, true) ? std::nullopt : unreadable();
            auto begin = take_event();
            if (!begin) return std::nullopt;
            const auto& head = std::get<transfer::MboxReader::Begin>(*begin);
            SourceMessage message;
            message.name = fmt::format("{}, message {}", path_.string(), ++count_);
            message.marks = head.marks;
            message.date = head.date;
            Filling filling;
            filling.begin(&message);
            for (auto event = take_event(); event; event = take_event()) {
                auto* const octets = std::get_if<transfer::MboxReader::Octets>(&*event);
                if (!octets) break;
                filling.append(std::move(octets->octets));
            }
            if (head.is_internal) continue;
            if (file_.bad()) message.problem = "the file cannot be read to its end";
            if (!message.date) message.date = date_of_letter(message.octets.head());
            filling.finish();
            return message;
        }
    }

private:
    std::optional<SourceMessage> unreadable() const {
        SourceMessage message;
        message.name = path_.string();
        message.problem = "it cannot be read";
        return message;
    }

    std::optional<transfer::MboxReader::Event> take_event() {
        while (events_.empty() && !ended_) {
            std::string piece(kSourcePieceBytes, '\0');
            file_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            piece.resize(static_cast<std::size_t>(file_.gcount()));
            bytes_read_ += piece.size();
            ended_ = piece.empty();
            auto events = ended_ ? reader_.finish() : reader_.feed(piece);
            events_.insert(events_.end(), std::move_iterator(events.begin()), std::move_iterator(events.end()));
        }
        if (events_.empty()) return std::nullopt;
        transfer::MboxReader::Event event = std::move(events_.front());
        events_.pop_front();
        return event;
    }

    const fs::path path_;
    std::ifstream file_;
    transfer::MboxReader reader_;
    std::deque<transfer::MboxReader::Event> events_;
    std::size_t count_ = 0;
    bool ended_ = false;
    bool told_ = false;
};

class FileSource final : public MailSource {
public:
    explicit FileSource(FoundMail found) : found_(std::move(found)) {}

    const FoundMail& found() const override { return found_; }

    std::unique_ptr<MailFolderReader> read(const MailFolder& folder) override {
        if (folder.kind == MailFolder::Kind::mbox) return std::make_unique<MboxFolderReader>(folder);
        return std::make_unique<FilesReader>(folder);
    }

private:
    const FoundMail found_;
};

} // namespace

Result<std::unique_ptr<MailSource>, std::string> find_mail(const fs::path& source, const std::string& mailbox) {
    std::error_code error;
    const fs::file_status status = fs::status(source, error);
    if (!fs::exists(status)) return failure(fmt::format("{} is not there, or may not be looked at", source.string()));
    FoundMail found;
    if (fs::is_directory(status)) {
        found = Search(mailbox).run(source);
        if (found.folders.empty() && found.unreadable.empty())
            return failure(fmt::format("there is no mail in {}: neither a Maildir, nor mbox files, nor .eml files",
                                       source.string()));
    } else {
        const auto kind = begins_as_mbox(source) ? MailFolder::Kind::mbox : MailFolder::Kind::letters;
        found.folders.push_back({.kind = kind, .path = source, .mailbox = mailbox, .bytes = size_of(source)});
    }
    return std::make_unique<FileSource>(std::move(found));
}

} // namespace tegami::app
