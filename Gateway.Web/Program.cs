using Gateway.Web.Components;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddGatewayConsole();
var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapGatewayConsole();
await app.RunAsync();
