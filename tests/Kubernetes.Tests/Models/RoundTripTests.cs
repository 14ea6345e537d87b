using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Models;

/// <summary>
/// What a server sent is sent back in the server's own words: reading canonical text and writing it gives the same text, and reading
/// any other legal text gives the canonical one, once and for all.
/// </summary>
public class RoundTripTests
{
    private static readonly KubernetesJson Wire = new();

    [Fact]
    public void IntOrString_KeepsItsKindAndValue()
    {
        Check.QuickThrowOnFailure(Prop.ForAll<int>(number => Again<IntOrString>(Invariant(number)) == Invariant(number)));
        Check.QuickThrowOnFailure(Prop.ForAll<NonNull<string>>(text =>
        {
            var json = JsonSerializer.Serialize(text.Get, Wire.TypeInfo<string>());
            return Again<IntOrString>(json) == json && Read<IntOrString>(json).Text == text.Get && Read<IntOrString>(json).Number is null;
        }));
    }

    [Fact]
    public void IntOrString_ThatLooksLikeANumber_StaysText() => Assert.Equal("\"80\"", Again<IntOrString>("\"80\""));

    [Theory]
    [InlineData("80.5")]
    [InlineData("2147483648")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("null")]
    public void IntOrString_OfAnythingElse_IsRefused(string json) => Assert.Throws<JsonException>(() => Read<IntOrString>(json));

    [Fact]
    public void MicroTime_HasSixDigits_AndReadsBack() => Check.QuickThrowOnFailure(Prop.ForAll(Moments(), moment =>
    {
        var text = KubernetesTime.ToMicroTime(moment);
        var read = KubernetesTime.TryParse(text, out var back);
        return read
            && text.Length == "2026-11-22T01:27:43.000001Z".Length
            && back.Offset == TimeSpan.Zero
            && back.Ticks == moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerMicrosecond
            && KubernetesTime.ToMicroTime(back) == text;
    }));

    [Fact]
    public void Time_HasWholeSeconds_AndReadsBack() => Check.QuickThrowOnFailure(Prop.ForAll(Moments(), moment =>
    {
        var text = KubernetesTime.ToTime(moment);
        var read = KubernetesTime.TryParse(text, out var back);
        return read
            && text.Length == "2026-11-22T01:27:43Z".Length
            && back.Ticks == moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerSecond
            && KubernetesTime.ToTime(back) == text;
    }));

    [Fact]
    public void MicroTime_OfAnyOffsetAndFraction_IsTheSameMoment() => Check.QuickThrowOnFailure(Prop.ForAll(
        Moments(), Gen.Choose(-14 * 60, 14 * 60).ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(), (moment, minutes, digits) =>
    {
        var local = moment.ToOffset(TimeSpan.FromMinutes(minutes));
        var fraction = (local.Ticks % TimeSpan.TicksPerSecond * 100).ToString("D9", CultureInfo.InvariantCulture)[..digits];
        var text = local.ToString($"yyyy-MM-dd'T'HH:mm:ss'.{fraction}'zzz", CultureInfo.InvariantCulture);
        var kept = digits >= 7 ? 1 : (long)Math.Pow(10, 7 - digits);
        return KubernetesTime.TryParse(text, out var read) && read.UtcTicks == moment.UtcTicks - moment.UtcTicks % kept;
    }));

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22 00:00:00Z")]
    [InlineData("2026-13-22T00:00:00Z")]
    [InlineData("")]
    public void Time_ThatIsNone_IsRefused(string text) =>
        Assert.Throws<JsonException>(() => Read<V1Lease>($$$"""{"metadata":{},"spec":{"renewTime":"{{{text}}}"}}"""));

    [Fact]
    public void Duration_OfAnyUnits_SettlesOnGosText() => Check.QuickThrowOnFailure(Prop.ForAll(Durations(), text =>
    {
        var canonical = Again<KubernetesDuration>($"\"{text}\"");
        return Again<KubernetesDuration>(canonical) == canonical
            && Read<KubernetesDuration>(canonical) == KubernetesDuration.Parse(text);
    }));

    [Fact]
    public void Quantity_SettlesOnTheServersText() => Check.QuickThrowOnFailure(Prop.ForAll(Quantities(), text =>
    {
        var canonical = Again<Quantity>($"\"{text}\"");
        return Again<Quantity>(canonical) == canonical && Read<Quantity>(canonical) == Quantity.Parse(text);
    }));

    [Fact]
    public void Quantity_AsAJsonNumber_IsTheSameAmount() => Check.QuickThrowOnFailure(Prop.ForAll<int>(
        number => Read<Quantity>(Invariant(number)) == new Quantity(number) && Read<Quantity>($"{Invariant(number)}.5") == Quantity.Parse($"{Invariant(number)}.5")));

    private static Arbitrary<DateTimeOffset> Moments() => (
        from day in Gen.Choose(0, 3_652_000)
        from second in Gen.Choose(0, 86_399)
        from tick in Gen.Choose(0, (int)TimeSpan.TicksPerSecond - 1)
        select new DateTimeOffset(10, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(Math.Min(day, 3_640_000)).AddSeconds(second).AddTicks(tick)).ToArbitrary();

    private static Arbitrary<string> Durations()
    {
        var part =
            from whole in Gen.Choose(0, 9999)
            from fraction in Gen.Choose(0, 999_999)
            from places in Gen.Choose(0, 6)
            from unit in Gen.Elements("h", "m", "s", "ms", "us", "µs", "ns")
            select (places == 0 ? Invariant(whole) : $"{Invariant(whole)}.{fraction.ToString("D6", CultureInfo.InvariantCulture)[..places]}") + unit;
        return (from sign in Gen.Elements("", "-", "+") from parts in part.NonEmptyListOf() select sign + string.Concat(parts.Take(6))).ToArbitrary();
    }

    private static Arbitrary<string> Quantities()
    {
        var suffix = Gen.Elements("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-3", "e0", "e-9", "E12");
        return (
            from sign in Gen.Elements("", "-", "+")
            from whole in Gen.Choose(0, 99_999)
            from fraction in Gen.Choose(0, 999_999_999)
            from places in Gen.Choose(0, 9)
            from unit in suffix
            select sign + Invariant(whole) + (places == 0 ? "" : "." + fraction.ToString("D9", CultureInfo.InvariantCulture)[..places]) + unit).ToArbitrary();
    }

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Again<T>(string json) => JsonSerializer.Serialize(Read<T>(json), Wire.TypeInfo<T>());

    private static T Read<T>(string json) => JsonSerializer.Deserialize(json, Wire.TypeInfo<T>())!;
}
