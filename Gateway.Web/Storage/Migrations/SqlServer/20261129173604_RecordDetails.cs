using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class RecordDetails : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "long_cache_write_tokens",
                table: "usage_records",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "lost",
                table: "usage_records",
                type: "nvarchar(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "units_json",
                table: "usage_records",
                type: "nvarchar(128)",
                maxLength: 128,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "long_cache_write_tokens",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "lost",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "units_json",
                table: "usage_records");
        }
    }
}
