#include "app/local_admin.h"

#include "async/run.h"

namespace tegami::app {

Result<std::unique_ptr<LocalAdmin>, std::string> LocalAdmin::open(const Config& config) {
    std::unique_ptr<LocalAdmin> admin(new LocalAdmin);
    TRY(admin->backend_, Backend::open(config, {.context = admin->context_,
                                                .lanes = admin->lanes_.lanes(),
                                                .timers = admin->timers_,
                                                .random = admin->random_,
                                                .log = admin->log_}));
    admin->backups_ = std::make_unique<Backups>(Backups::Dependencies{.config = config,
                                                                      .backend = *admin->backend_,
                                                                      .lanes = admin->lanes_.lanes(),
                                                                      .timers = admin->timers_,
                                                                      .random = admin->random_,
                                                                      .log = admin->log_});
    admin->admin_ = std::make_unique<Admin>(Admin::Parts{.engine = admin->backend_->engine(),
                                                         .store = admin->backend_->store(),
                                                         .directory = admin->backend_->directory(),
                                                         .queue = admin->backend_->queue(),
                                                         .journeys = admin->backend_->journeys(),
                                                         .backups = admin->backups_.get()},
                                            Admin::Hooks{});
    return admin;
}

net::HttpResponse LocalAdmin::handle(net::HttpRequest request) {
    return async::run_on(context_, admin_->handle(std::move(request)));
}

} // namespace tegami::app
