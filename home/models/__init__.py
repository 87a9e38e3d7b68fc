"""The public site: its pages, the pieces they share, and what visitors send."""

from .base import SitePage
from .blog import BlogIndexPage, BlogPage
from .docs import DocsIndexPage, DocsPage, DocsSectionPage
from .landing import FeatureIndexPage, FeaturePage, HomePage, LandingPage, PricingPage
from .plain import ContactPage, ContentPage
from .settings import SiteSettings
from .snippets import Author, Category, ReusableSection
from .visitors import ContactMessage, Subscription

__all__ = [
    "Author",
    "BlogIndexPage",
    "BlogPage",
    "Category",
    "ContactMessage",
    "ContactPage",
    "ContentPage",
    "DocsIndexPage",
    "DocsPage",
    "DocsSectionPage",
    "FeatureIndexPage",
    "FeaturePage",
    "HomePage",
    "LandingPage",
    "PricingPage",
    "ReusableSection",
    "SitePage",
    "SiteSettings",
    "Subscription",
]
