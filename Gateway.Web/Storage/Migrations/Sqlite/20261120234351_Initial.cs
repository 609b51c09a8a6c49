using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    prefix = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    active = table.Column<bool>(type: "INTEGER", nullable: false),
                    rpm_limit = table.Column<int>(type: "INTEGER", nullable: true),
                    tpm_limit = table.Column<int>(type: "INTEGER", nullable: true),
                    allowed_models_json = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    allow_routing = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    revoked_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    action = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    entity_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    entity_name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    before_json = table.Column<string>(type: "TEXT", nullable: true),
                    after_json = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "catalog_versions",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_catalog_versions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    friendly_name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    xml = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "journal_positions",
                columns: table => new
                {
                    node = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    segment = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    offset = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_journal_positions", x => new { x.node, x.segment });
                });

            migrationBuilder.CreateTable(
                name: "models",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    model_id = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    aliases_json = table.Column<string>(type: "TEXT", nullable: false),
                    active = table.Column<bool>(type: "INTEGER", nullable: false),
                    default_params_json = table.Column<string>(type: "TEXT", nullable: true),
                    reasoning_enabled = table.Column<bool>(type: "INTEGER", nullable: true),
                    system_prompt_prefix = table.Column<string>(type: "TEXT", nullable: true),
                    default_route = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    max_output_tokens = table.Column<int>(type: "INTEGER", nullable: true),
                    description = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_models", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "prices",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    provider = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    effective_from = table.Column<long>(type: "INTEGER", nullable: false),
                    input_per_million = table.Column<long>(type: "INTEGER", nullable: true),
                    cached_input_per_million = table.Column<long>(type: "INTEGER", nullable: true),
                    cache_write_per_million = table.Column<long>(type: "INTEGER", nullable: true),
                    output_per_million = table.Column<long>(type: "INTEGER", nullable: true),
                    source_url = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_prices", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "providers",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    base_url = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    settings_json = table.Column<string>(type: "TEXT", nullable: false),
                    connect_timeout_ms = table.Column<long>(type: "INTEGER", nullable: true),
                    first_byte_timeout_ms = table.Column<long>(type: "INTEGER", nullable: true),
                    idle_timeout_ms = table.Column<long>(type: "INTEGER", nullable: true),
                    total_timeout_ms = table.Column<long>(type: "INTEGER", nullable: true),
                    active = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_providers", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "routes",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    steps_json = table.Column<string>(type: "TEXT", nullable: false),
                    retry_on_json = table.Column<string>(type: "TEXT", nullable: true),
                    active = table.Column<bool>(type: "INTEGER", nullable: false),
                    description = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_routes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "settings",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_settings", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "usage_records",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    request_id = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    trace_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    started_at_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    operation = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    method = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    path = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    key_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    key_prefix = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    key_name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    requested_model = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    route = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    provider = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    backend_id = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    upstream_model = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    streamed = table.Column<bool>(type: "INTEGER", nullable: false),
                    client_aborted = table.Column<bool>(type: "INTEGER", nullable: false),
                    admitted = table.Column<bool>(type: "INTEGER", nullable: false),
                    error_kind = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    error_message = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    finish_reason = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    usage_source = table.Column<byte>(type: "INTEGER", nullable: false),
                    input_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cached_input_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cache_write_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    output_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    reasoning_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cost_nano_usd = table.Column<long>(type: "INTEGER", nullable: true),
                    price_version = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    duration_us = table.Column<long>(type: "INTEGER", nullable: false),
                    time_to_first_token_us = table.Column<long>(type: "INTEGER", nullable: true),
                    upstream_us = table.Column<long>(type: "INTEGER", nullable: false),
                    request_bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    response_bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    input_hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    metadata_json = table.Column<string>(type: "TEXT", nullable: true),
                    attempts_json = table.Column<string>(type: "TEXT", nullable: false),
                    attempt_count = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_records", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "usage_rollups",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    resolution = table.Column<byte>(type: "INTEGER", nullable: false),
                    bucket_start_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    node = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    key_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    provider = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    backend_id = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    requests = table.Column<long>(type: "INTEGER", nullable: false),
                    refused = table.Column<long>(type: "INTEGER", nullable: false),
                    errors = table.Column<long>(type: "INTEGER", nullable: false),
                    streamed = table.Column<long>(type: "INTEGER", nullable: false),
                    input_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cached_input_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    output_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    reasoning_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cost_nano_usd = table.Column<long>(type: "INTEGER", nullable: false),
                    cost_unknown = table.Column<long>(type: "INTEGER", nullable: false),
                    duration_us_sum = table.Column<long>(type: "INTEGER", nullable: false),
                    upstream_us_sum = table.Column<long>(type: "INTEGER", nullable: false),
                    time_to_first_token_us_sum = table.Column<long>(type: "INTEGER", nullable: false),
                    time_to_first_token_count = table.Column<long>(type: "INTEGER", nullable: false),
                    duration_histogram = table.Column<byte[]>(type: "BLOB", nullable: true),
                    time_to_first_token_histogram = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_rollups", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "backends",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    model_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    provider = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    url = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    upstream_model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    weight = table.Column<int>(type: "INTEGER", nullable: false),
                    priority = table.Column<int>(type: "INTEGER", nullable: false),
                    active = table.Column<bool>(type: "INTEGER", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_backends", x => x.id);
                    table.ForeignKey(
                        name: "FK_backends_models_model_id",
                        column: x => x.model_id,
                        principalTable: "models",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "credentials",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    provider_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    label = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    encrypted_secret = table.Column<string>(type: "TEXT", nullable: false),
                    rpm_limit = table.Column<int>(type: "INTEGER", nullable: true),
                    tpm_limit = table.Column<int>(type: "INTEGER", nullable: true),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_credentials", x => x.id);
                    table.ForeignKey(
                        name: "FK_credentials_providers_provider_id",
                        column: x => x.provider_id,
                        principalTable: "providers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.InsertData(
                table: "catalog_versions",
                columns: new[] { "id", "version" },
                values: new object[] { 1, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_hash",
                table: "api_keys",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_name",
                table: "api_keys",
                column: "name");

            migrationBuilder.CreateIndex(
                name: "IX_audit_at_id",
                table: "audit",
                columns: new[] { "at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_backends_model_id",
                table: "backends",
                column: "model_id");

            migrationBuilder.CreateIndex(
                name: "IX_credentials_provider_id",
                table: "credentials",
                column: "provider_id");

            migrationBuilder.CreateIndex(
                name: "IX_models_name",
                table: "models",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_prices_model",
                table: "prices",
                column: "model");

            migrationBuilder.CreateIndex(
                name: "IX_providers_name",
                table: "providers",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_routes_name",
                table: "routes",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_usage_records_key_id_started_at_ms",
                table: "usage_records",
                columns: new[] { "key_id", "started_at_ms" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_records_model_started_at_ms",
                table: "usage_records",
                columns: new[] { "model", "started_at_ms" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_records_request_id",
                table: "usage_records",
                column: "request_id");

            migrationBuilder.CreateIndex(
                name: "IX_usage_records_started_at_ms_id",
                table: "usage_records",
                columns: new[] { "started_at_ms", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_records_status_started_at_ms",
                table: "usage_records",
                columns: new[] { "status", "started_at_ms" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_rollups_resolution_bucket_start_ms_node_key_id_model_provider_backend_id",
                table: "usage_rollups",
                columns: new[] { "resolution", "bucket_start_ms", "node", "key_id", "model", "provider", "backend_id" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "backends");

            migrationBuilder.DropTable(
                name: "catalog_versions");

            migrationBuilder.DropTable(
                name: "credentials");

            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "journal_positions");

            migrationBuilder.DropTable(
                name: "prices");

            migrationBuilder.DropTable(
                name: "routes");

            migrationBuilder.DropTable(
                name: "settings");

            migrationBuilder.DropTable(
                name: "usage_records");

            migrationBuilder.DropTable(
                name: "usage_rollups");

            migrationBuilder.DropTable(
                name: "models");

            migrationBuilder.DropTable(
                name: "providers");
        }
    }
}
