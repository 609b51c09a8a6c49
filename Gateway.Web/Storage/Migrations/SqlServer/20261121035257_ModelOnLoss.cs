using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class ModelOnLoss : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "on_loss",
                table: "models",
                type: "nvarchar(16)",
                maxLength: 16,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "on_loss",
                table: "models");
        }
    }
}
