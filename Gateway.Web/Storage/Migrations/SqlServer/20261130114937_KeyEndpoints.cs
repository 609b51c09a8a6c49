using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class KeyEndpoints : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "allowed_endpoints_json",
                table: "api_keys",
                type: "nvarchar(max)",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "allowed_endpoints_json",
                table: "api_keys");
        }
    }
}
