// tegami backup DIR, backup list, backup verify
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include "admin/backups.h"
#include "app/command_line/transfer_progress.h"
#include "app/configuration/units.h"
#include "disk/real.h"
#include "store/engine/backup_folder.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

int backup(Commands& commands, const Arguments& arguments) {
    const auto done = commands.ask_long(
        "/backup", {{"directory", absolute_path(arguments.text("DIR"))}, {"keep", arguments.number("--keep")}});
    if (!done) return commands.status();
    const json::array& damage = done->at("damage").as_array();
    const int status = damage.empty() ? kDone : kFailed;
    if (arguments.flag("--json")) {
        print_json(*done);
        return status;
    }
    for (const json::value& sentence : damage)
        complain(kFailed, std::string_view(sentence.as_string()));
    print_line(say("backup {}: {}, {}, {} of it new", text_of(*done, "point"),
                   count_of(count_in(*done, "accounts"), "account"),
                   print_about(done->at("bytes").to_number<std::uint64_t>()),
                   print_about(done->at("bytes_written").to_number<std::uint64_t>())));
    for (const json::value& point : done->at("removed").as_array())
        print_line(say("backup {} removed", std::string_view(point.as_string())));
    if (!damage.empty())
        complain(kFailed, say("the backup was made, but holds this damage of the store: see tegami verify --blobs"));
    return status;
}

/// The folder, or a complaint.
std::unique_ptr<store::BackupFolder> open_folder(disk::FileSystem& disk, const std::string& folder,
                                                 store::BackupFolder::Use use) {
    auto opened = store::BackupFolder::open(disk, absolute_path(folder), use);
    if (opened) return *std::move(opened);
    complain(kFailed, opened.error().detail);
    return nullptr;
}

int list_backups(Commands&, const Arguments& arguments) {
    disk::RealFileSystem disk;
    const auto folder = open_folder(disk, arguments.text("DIR"), store::BackupFolder::Use::look);
    if (!folder) return kFailed;
    json::array points;
    std::vector<std::vector<std::string>> rows;
    for (const store::BackupPoint& point : folder->points()) {
        points.push_back(admin::to_json(point));
        rows.push_back({point.name, count_of(point.accounts, "account"), print_about(point.octets()),
                        point.damage.empty() ? std::string() : say("with damage of the store")});
    }
    const int status = folder->unreadable().empty() ? kDone : kFailed;
    if (arguments.flag("--json")) {
        print_json(json::object{{"points", std::move(points)}, {"unreadable", admin::to_array(folder->unreadable())}});
        return status;
    }
    print_table(rows);
    for (const std::string& name : folder->unreadable())
        complain(kFailed, say("the manifest of {} is damaged", name));
    return status;
}

int verify_backup(Commands&, const Arguments& arguments) {
    disk::RealFileSystem disk;
    const auto folder = open_folder(disk, arguments.text("DIR"), store::BackupFolder::Use::read);
    if (!folder) return kFailed;
    const auto check = [&] {
        TransferProgress progress(false, folder->octets());
        return folder->check([&progress](std::uint64_t octets) {
            progress.show({}, octets);
            return true;
        });
    }();
    if (!check) return complain(kFailed, check.error().detail);
    const int status = check->damage.empty() ? kDone : kFailed;
    if (arguments.flag("--json")) {
        print_json(json::object{{"sound", check->damage.empty()},
                                {"points", folder->points().size()},
                                {"bytes", check->octets},
                                {"damage", admin::to_array(check->damage)}});
        return status;
    }
    for (const std::string& sentence : check->damage)
        complain(kFailed, sentence);
    const std::string points = count_of(folder->points().size(), "point");
    const std::string octets = print_about(check->octets);
    print_line(check->damage.empty()
                   ? say("{}, {} read: sound", points, octets)
                   : say("{}, {} read: {}", points, octets, count_of(check->damage.size(), "problem")));
    return status;
}

} // namespace

Command backup_command() {
    const Option folder{.kind = Option::Kind::text, .name = "DIR", .help = "The folder", .required = true};
    return {.name = "backup",
            .help = "Add everything the server has to a folder of backups, while it runs; what is there is not copied "
                    "again",
            .options = {{.kind = Option::Kind::text,
                         .name = "DIR",
                         .help = "The folder; made if it is missing",
                         .required = true},
                        {.kind = Option::Kind::number,
                         .name = "--keep",
                         .help = "Remove the oldest backups until so many are left",
                         .value = "N",
                         .least = 1,
                         .most = 100'000},
                        json_option()},
            .footer = "Examples:\n  tegami backup /mnt/backup/mail\n  tegami backup /mnt/backup/mail --keep 30\n"
                      "  tegami backup list /mnt/backup/mail",
            .run = backup,
            .subcommands = {{.name = "list",
                             .help = "Say which backups a folder has",
                             .options = {folder, json_option()},
                             .footer = "Example:\n  tegami backup list /mnt/backup/mail",
                             .run = list_backups},
                            {.name = "verify",
                             .help = "Read all backups of a folder and compare every checksum",
                             .options = {folder, json_option()},
                             .footer = "Example:\n  tegami backup verify /mnt/backup/mail",
                             .run = verify_backup}}};
}

} // namespace tegami::app
