using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using SaaS.Api.Identity.Pages;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>A page that only says something: a request that leads nowhere, and the end of a sign-in.</summary>
internal static class MessageView
{
    /// <summary>A request that no client may be told about (unknown client, foreign redirect): said to the person, with the code for who runs the client.</summary>
    public static Task<IResult> FaultAsync(HttpContext context, OpenIddictResponse fault) => PageAsync(
        context, "This link does not work", Explain(fault.Error), fault.Error, StatusCodes.Status400BadRequest);

    public static async Task<IResult> PageAsync(HttpContext context, string title, string text, string? code, int status) =>
        new RazorComponentResult<MessagePage>(new { View = await PageView.OfAsync(context, null), Title = title, Text = text, Code = code })
        {
            StatusCode = status,
        };

    private static string Explain(string? error) => error switch
    {
        Errors.InvalidClient or Errors.UnauthorizedClient => "The application that sent you here is not known.",
        Errors.InvalidScope => "The application asked for something that does not exist.",
        _ => "The application that sent you here made a request that is not allowed. Nothing was signed in or shared.",
    };
}
