using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace SaaS.Migrations.Versions
{
    /// <inheritdoc />
    public partial class Moves : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "mailbox_move",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    tenant_id = table.Column<long>(type: "bigint", nullable: false),
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false),
                    batch = table.Column<Guid>(type: "uuid", nullable: true),
                    host = table.Column<string>(type: "text", nullable: false),
                    port = table.Column<int>(type: "integer", nullable: false),
                    tls = table.Column<short>(type: "smallint", nullable: false),
                    any_certificate = table.Column<bool>(type: "boolean", nullable: false),
                    user_name = table.Column<string>(type: "text", nullable: false),
                    master_user = table.Column<string>(type: "text", nullable: true),
                    secret = table.Column<string>(type: "text", nullable: true),
                    dry_run = table.Column<bool>(type: "boolean", nullable: false),
                    follow_flags = table.Column<bool>(type: "boolean", nullable: false),
                    follow_expunges = table.Column<bool>(type: "boolean", nullable: false),
                    exceed_quota = table.Column<bool>(type: "boolean", nullable: false),
                    messages_per_second = table.Column<int>(type: "integer", nullable: false),
                    bytes_per_second = table.Column<long>(type: "bigint", nullable: false),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    cancel_requested = table.Column<bool>(type: "boolean", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lease_owner = table.Column<string>(type: "text", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    error = table.Column<string>(type: "text", nullable: true),
                    differences = table.Column<int>(type: "integer", nullable: false),
                    quota_lacks = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_mailbox_move", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "mailbox_move_difference",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    move_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    folder = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    uid = table.Column<long>(type: "bigint", nullable: false),
                    message_id_header = table.Column<string>(type: "text", nullable: true),
                    text = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_mailbox_move_difference", x => new { x.account_id, x.move_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "mailbox_move_folder",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    move_id = table.Column<long>(type: "bigint", nullable: false),
                    folder_id = table.Column<long>(type: "bigint", nullable: false),
                    position = table.Column<int>(type: "integer", nullable: false),
                    source_name = table.Column<string>(type: "text", nullable: false),
                    target_name = table.Column<string>(type: "text", nullable: true),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    messages = table.Column<int>(type: "integer", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    present = table.Column<int>(type: "integer", nullable: false),
                    copied = table.Column<int>(type: "integer", nullable: false),
                    copied_bytes = table.Column<long>(type: "bigint", nullable: false),
                    skipped = table.Column<int>(type: "integer", nullable: false),
                    flags_changed = table.Column<int>(type: "integer", nullable: false),
                    expunged = table.Column<int>(type: "integer", nullable: false),
                    @checked = table.Column<int>(name: "checked", type: "integer", nullable: false),
                    error = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_mailbox_move_folder", x => new { x.account_id, x.move_id, x.folder_id });
                });

            migrationBuilder.CreateTable(
                name: "moved_folder",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false),
                    source = table.Column<long>(type: "bigint", nullable: false),
                    mailbox_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_moved_folder", x => new { x.account_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "moved_message",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    folder_id = table.Column<long>(type: "bigint", nullable: false),
                    uid_validity = table.Column<long>(type: "bigint", nullable: false),
                    uid = table.Column<long>(type: "bigint", nullable: false),
                    digest = table.Column<byte[]>(type: "bytea", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: true),
                    message_id = table.Column<long>(type: "bigint", nullable: false),
                    flags = table.Column<int>(type: "integer", nullable: false),
                    keywords = table.Column<string[]>(type: "text[]", nullable: true),
                    run = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_moved_message", x => new { x.account_id, x.folder_id, x.uid_validity, x.uid });
                });

            migrationBuilder.CreateIndex(
                name: "ix_mailbox_move_batch",
                table: "mailbox_move",
                column: "batch",
                filter: "batch is not null");

            migrationBuilder.CreateIndex(
                name: "ix_mailbox_move_next_attempt_at",
                table: "mailbox_move",
                column: "next_attempt_at",
                filter: "state in (0, 1)");

            migrationBuilder.CreateIndex(
                name: "ix_mailbox_move_tenant_id_id",
                table: "mailbox_move",
                columns: new[] { "tenant_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ux_mailbox_move_under_way",
                table: "mailbox_move",
                column: "account_id",
                unique: true,
                filter: "state in (0, 1)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "mailbox_move");

            migrationBuilder.DropTable(
                name: "mailbox_move_difference");

            migrationBuilder.DropTable(
                name: "mailbox_move_folder");

            migrationBuilder.DropTable(
                name: "moved_folder");

            migrationBuilder.DropTable(
                name: "moved_message");
        }
    }
}
