using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace SaaS.Migrations.Versions
{
    /// <inheritdoc />
    public partial class LegacyPlatforms : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "elsewhere",
                table: "account_state",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "at_legacy",
                table: "account",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "legacy_platform_id",
                table: "account",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "legacy_user_name",
                table: "account",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "legacy_platform",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    reseller_id = table.Column<long>(type: "bigint", nullable: true),
                    tenant_id = table.Column<long>(type: "bigint", nullable: true),
                    operator_defined = table.Column<bool>(type: "boolean", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    endpoints = table.Column<string>(type: "jsonb", nullable: false),
                    user_name_form = table.Column<int>(type: "integer", nullable: false),
                    user_name_template = table.Column<string>(type: "text", nullable: true),
                    verify_certificate = table.Column<bool>(type: "boolean", nullable: false),
                    certificate_sha256 = table.Column<string>(type: "text", nullable: true),
                    send_x_client = table.Column<bool>(type: "boolean", nullable: false),
                    send_imap_id = table.Column<bool>(type: "boolean", nullable: false),
                    master_user = table.Column<string>(type: "text", nullable: true),
                    master_password = table.Column<string>(type: "text", nullable: true),
                    master_separator = table.Column<string>(type: "text", nullable: true),
                    capture_passwords = table.Column<bool>(type: "boolean", nullable: false),
                    max_connections = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_legacy_platform", x => x.id);
                    table.ForeignKey(
                        name: "fk_legacy_platform_reseller_reseller_id",
                        column: x => x.reseller_id,
                        principalTable: "reseller",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_legacy_platform_tenant_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "tenant",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_queue_recipient_account",
                table: "queue_recipient",
                column: "account_id",
                filter: "state = 0 and account_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_account_legacy_platform_id_at_legacy",
                table: "account",
                columns: new[] { "legacy_platform_id", "at_legacy" });

            migrationBuilder.CreateIndex(
                name: "ix_legacy_platform_reseller_id_tenant_id_name",
                table: "legacy_platform",
                columns: new[] { "reseller_id", "tenant_id", "name" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            migrationBuilder.CreateIndex(
                name: "ix_legacy_platform_tenant_id",
                table: "legacy_platform",
                column: "tenant_id");

            migrationBuilder.AddForeignKey(
                name: "fk_account_legacy_platforms_legacy_platform_id",
                table: "account",
                column: "legacy_platform_id",
                principalTable: "legacy_platform",
                principalColumn: "id",
                onDelete: ReferentialAction.SetNull);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_account_legacy_platforms_legacy_platform_id",
                table: "account");

            migrationBuilder.DropTable(
                name: "legacy_platform");

            migrationBuilder.DropIndex(
                name: "ix_queue_recipient_account",
                table: "queue_recipient");

            migrationBuilder.DropIndex(
                name: "ix_account_legacy_platform_id_at_legacy",
                table: "account");

            migrationBuilder.DropColumn(
                name: "elsewhere",
                table: "account_state");

            migrationBuilder.DropColumn(
                name: "at_legacy",
                table: "account");

            migrationBuilder.DropColumn(
                name: "legacy_platform_id",
                table: "account");

            migrationBuilder.DropColumn(
                name: "legacy_user_name",
                table: "account");
        }
    }
}
