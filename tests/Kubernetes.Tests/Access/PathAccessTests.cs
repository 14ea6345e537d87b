using GpuStack.Kubernetes.Access;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using NSubstitute;

namespace GpuStack.Kubernetes.Tests.Access;

public sealed class PathAccessTests : IDisposable
{
    private readonly IKubernetesClient _client = Substitute.For<IKubernetesClient>();
    private readonly TestClock _clock = new();
    private readonly PathAccess _access;
    private readonly List<V1SubjectAccessReview> _questions = [];
    private bool _known = true;
    private bool _allowed = true;
    private int _tokens;

    public PathAccessTests()
    {
        _access = new PathAccess(_client, "/metrics", _clock);
        _client.CreateAsync(Arg.Any<V1TokenReview>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            _tokens++;
            var user = new V1UserInfo { Username = call.Arg<V1TokenReview>().Spec!.Token, Uid = "u", Groups = ["g"], Extra = new() { ["e"] = ["x"] } };
            return new V1TokenReview { Status = new V1TokenReviewStatus { Authenticated = _known, User = user } };
        });
        _client.CreateAsync(Arg.Any<V1SubjectAccessReview>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            _questions.Add(call.Arg<V1SubjectAccessReview>());
            return new V1SubjectAccessReview { Status = new V1SubjectAccessReviewStatus { Allowed = _allowed } };
        });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _access.Dispose();

    [Fact]
    public async Task WhoeverTheTokenIsOf_IsAskedAbout_WithAllThatIsKnownOfHim()
    {
        Assert.Equal(AccessVerdict.Allowed, await JudgeAsync("bearer  prometheus"));

        var spec = Assert.Single(_questions).Spec!;
        Assert.Equal(("prometheus", "u", "g", "x"), (spec.User, spec.Uid, Assert.Single(spec.Groups!), Assert.Single(spec.Extra!["e"])));
        Assert.Equal(("/metrics", "get"), (spec.NonResourceAttributes!.Path, spec.NonResourceAttributes.Verb));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer   ")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task WithoutABearerToken_NobodyIsAsked(string? authorization)
    {
        Assert.Equal(AccessVerdict.Unauthenticated, await JudgeAsync(authorization));
        Assert.Equal(0, _tokens);
    }

    [Fact]
    public async Task AnUnknownToken_IsNotAskedAboutFurther()
    {
        _known = false;
        Assert.Equal(AccessVerdict.Unauthenticated, await JudgeAsync("Bearer stranger"));
        Assert.Empty(_questions);
    }

    [Fact]
    public async Task AnAnswerHolds_ForItsTime_AndForItsTokenAlone()
    {
        await JudgeAsync("Bearer a");
        _allowed = false;
        _clock.Advance(PathAccess.AllowedFor - TimeSpan.FromSeconds(1));
        Assert.Equal(AccessVerdict.Allowed, await JudgeAsync("Bearer a"));
        Assert.Equal(AccessVerdict.Forbidden, await JudgeAsync("Bearer b"));
        Assert.Equal(2, _tokens);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessVerdict.Forbidden, await JudgeAsync("Bearer a"));

        _allowed = true;
        _clock.Advance(PathAccess.RefusedFor - TimeSpan.FromSeconds(1));
        Assert.Equal(AccessVerdict.Forbidden, await JudgeAsync("Bearer a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessVerdict.Allowed, await JudgeAsync("Bearer a"));
    }

    [Fact]
    public async Task AFailure_IsNotKept()
    {
        _client.CreateAsync(Arg.Any<V1TokenReview>(), Arg.Any<CancellationToken>())
            .Returns<V1TokenReview>(_ => throw new KubernetesException(new V1Status { Code = 500 }), _ => new V1TokenReview { Status = new() { Authenticated = true, User = new() } });

        await Assert.ThrowsAsync<KubernetesException>(() => JudgeAsync("Bearer a"));
        Assert.Equal(AccessVerdict.Allowed, await JudgeAsync("Bearer a"));
    }

    [Fact]
    public async Task TokensWithoutEnd_PushOutStrangers_AndNotThoseThatAreLetIn()
    {
        await JudgeAsync("Bearer prometheus");
        _known = false;
        for (var i = 0; i < PathAccess.MostKept + 10; i++) await JudgeAsync($"Bearer {i}");
        var asked = _tokens;

        Assert.Equal(AccessVerdict.Allowed, await JudgeAsync("Bearer prometheus"));
        Assert.Equal(asked, _tokens);
        await JudgeAsync("Bearer 0");
        Assert.Equal(asked + 1, _tokens);
    }

    [Fact]
    public async Task OneAnswer_IsEnoughForAllThatWaited_AndFewAskAtATime()
    {
        var answer = new TaskCompletionSource<V1TokenReview>(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.CreateAsync(Arg.Any<V1TokenReview>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            Interlocked.Increment(ref _tokens);
            return answer.Task;
        });

        var waiting = Enumerable.Range(0, 20).Select(_ => JudgeAsync("Bearer a")).ToList();
        answer.SetResult(new V1TokenReview { Status = new V1TokenReviewStatus { Authenticated = true, User = new V1UserInfo { Username = "a" } } });

        Assert.All(await Task.WhenAll(waiting), verdict => Assert.Equal(AccessVerdict.Allowed, verdict));
        Assert.Equal(4, _tokens);
    }

    [Fact]
    public async Task WhatIsDeniedAndAllowed_IsDenied()
    {
        _client.CreateAsync(Arg.Any<V1SubjectAccessReview>(), Arg.Any<CancellationToken>())
            .Returns(new V1SubjectAccessReview { Status = new V1SubjectAccessReviewStatus { Allowed = true, Denied = true } });

        Assert.Equal(AccessVerdict.Forbidden, await JudgeAsync("Bearer a"));
    }

    [Fact]
    public async Task WhatHasRunOut_GoesBeforeWhatStillHolds()
    {
        _known = false;
        for (var i = 0; i < PathAccess.MostKept - 1; i++) await JudgeAsync($"Bearer {i}");
        _clock.Advance(PathAccess.RefusedFor);
        await JudgeAsync("Bearer fresh");
        await JudgeAsync("Bearer one too many");
        var asked = _tokens;

        await JudgeAsync("Bearer fresh");
        Assert.Equal(asked, _tokens);
    }

    [Fact]
    public async Task NoMoreAnswersAreKept_ThanThereMayBe_HoweverManyAreLetIn()
    {
        for (var i = 0; i <= PathAccess.MostKept; i++) await JudgeAsync($"Bearer {i}");
        var asked = _tokens;

        await JudgeAsync("Bearer 0");
        Assert.Equal(asked + 1, _tokens);
    }

    private Task<AccessVerdict> JudgeAsync(string? authorization) => _access.JudgeAsync(authorization, Token);
}
