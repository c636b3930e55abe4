using System.Globalization;

namespace SaaS.Web.Theme;

/// <summary>An sRGB colour; knows how far it stands out from another (WCAG 2.2 contrast).</summary>
public readonly record struct Colour(byte R, byte G, byte B)
{
    public static Colour White { get; } = new(255, 255, 255);

    /// <summary>The surface of the dark theme.</summary>
    public static Colour Night { get; } = new(0x16, 0x1A, 0x20);

    public string Triplet => string.Create(CultureInfo.InvariantCulture, $"{R},{G},{B}");

    public static Colour? Parse(string? text) =>
        text is ['#', _, _, _, _, _, _]
        && int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rgb)
            ? new Colour((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb)
            : null;

    public double Contrast(Colour other)
    {
        var (high, low) = (Luminance(), other.Luminance());
        return (Math.Max(high, low) + 0.05) / (Math.Min(high, low) + 0.05);
    }

    /// <summary>The nearest shade of this colour that text can have on the given ground (5:1, a little over AA).</summary>
    public Colour ReadableOn(Colour ground)
    {
        var towards = ground.Luminance() > 0.5 ? new Colour(0, 0, 0) : White;
        var shade = this;
        for (var step = 1; step <= 20 && shade.Contrast(ground) < 5; step++)
        {
            shade = Mix(towards, step / 20d);
        }

        return shade;
    }

    public override string ToString() => $"#{R:x2}{G:x2}{B:x2}";

    private Colour Mix(Colour other, double part) => new(
        (byte)Math.Round(R + ((other.R - R) * part)),
        (byte)Math.Round(G + ((other.G - G) * part)),
        (byte)Math.Round(B + ((other.B - B) * part)));

    private double Luminance()
    {
        static double Linear(byte c)
        {
            var v = c / 255d;
            return v <= 0.03928 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Linear(R)) + (0.7152 * Linear(G)) + (0.0722 * Linear(B));
    }
}
