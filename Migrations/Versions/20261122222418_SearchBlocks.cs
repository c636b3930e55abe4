using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace SaaS.Migrations.Versions
{
    /// <inheritdoc />
    public partial class SearchBlocks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "search_block",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false),
                    first = table.Column<long>(type: "bigint", nullable: false),
                    contents = table.Column<byte[]>(type: "bytea", nullable: false),
                    partial = table.Column<byte[]>(type: "bytea", nullable: false),
                    bits = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_search_block", x => new { x.account_id, x.last });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "search_block");
        }
    }
}
