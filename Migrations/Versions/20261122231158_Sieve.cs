using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace SaaS.Migrations.Versions
{
    /// <inheritdoc />
    public partial class Sieve : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "sieve_state",
                table: "account_state",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "sieve_version",
                table: "account_state",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "sieve_memory",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    key = table.Column<byte[]>(type: "bytea", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sieve_memory", x => new { x.account_id, x.kind, x.key });
                });

            migrationBuilder.CreateTable(
                name: "sieve_script",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "text", nullable: false),
                    size = table.Column<int>(type: "integer", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    mod_seq = table.Column<long>(type: "bigint", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sieve_script", x => new { x.account_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "vacation_response",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    from_date = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    to_date = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    subject = table.Column<string>(type: "text", nullable: true),
                    text_body = table.Column<string>(type: "text", nullable: true),
                    html_body = table.Column<string>(type: "text", nullable: true),
                    mod_seq = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_vacation_response", x => x.account_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_sieve_memory_expires_at",
                table: "sieve_memory",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_sieve_script_account_id_name",
                table: "sieve_script",
                columns: new[] { "account_id", "name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "sieve_memory");

            migrationBuilder.DropTable(
                name: "sieve_script");

            migrationBuilder.DropTable(
                name: "vacation_response");

            migrationBuilder.DropColumn(
                name: "sieve_state",
                table: "account_state");

            migrationBuilder.DropColumn(
                name: "sieve_version",
                table: "account_state");
        }
    }
}
