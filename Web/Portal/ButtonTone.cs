namespace SaaS.Web.Portal;

public enum ButtonTone
{
    Plain,
    Primary,
    Danger,
    Quiet,
}
